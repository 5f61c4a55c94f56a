import { CodedError, type Damage, type ExaminedLayer, type Stamp } from "pagurus";
import { BLOCK_BYTES } from "../cell.ts";
import { type ExtentMap, MOST_BLOCKS } from "../extent-map.ts";
import { fetchIndex } from "../fetch-index.ts";
import { cutOff } from "../layer.ts";
import { checkpointKey, checkpointsKey, logKey, logObjectKey, pinsKey } from "../layout.ts";
import type { Objects, StoredObject } from "../objects.ts";
import { visitRecords } from "../records.ts";
import { startsOf } from "../recovery.ts";
import { censusOf, emptyLog, type LogCensus } from "./census.ts";
import { liveCellsOf } from "./live-cells.ts";
import { Ranges } from "./ranges.ts";
import { damageOf, type LogPlace, type Remains, remainsOf } from "./remains.ts";
import { verifyLog } from "./verify-log.ts";

/** How many unknown keys are told by name. */
const MAX_TOLD = 100;

/** A log as it is to be examined: a layer's, or nobody's. */
export interface LogToExamine extends LogPlace {
  readonly layer: string;
  readonly census: LogCensus;
  /** Keys that this release doesn't know, below the layer and its log. */
  readonly unknown: readonly string[];
  /** What the layer's record says; absent where the log is nobody's. */
  readonly record?:
    | {
        readonly sizeBytes: number;
        readonly stamp: Stamp;
        readonly removed: boolean;
        readonly facts: ExaminedLayer["facts"];
      }
    | undefined;
}

export interface Verifying {
  readonly signal: AbortSignal;
  /** Called with the bytes of each object that was read whole; absent: none is. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/** What is known of it before its log is read. */
export const recordedOf = ({ objects, log, layer, record }: LogToExamine) => ({
  layer,
  sizeBytes: record?.sizeBytes ?? 0,
  ...(record ? { stamp: { ...record.stamp } } : {}),
  location: objects.location(logKey(log)),
});

export const examineLog = async (given: LogToExamine, verifying: Verifying): Promise<ExaminedLayer> => {
  const { place, remains, sizeBytes, broken } = await followed(given, verifying.signal);
  const damage = onePerObject([
    ...broken,
    ...(await unsoundObjects(place, remains.map, sizeBytes, verifying)),
  ]);
  return {
    ...recordedOf(given),
    state: damage.length > 0 && !given.record?.removed ? "damaged" : stateOf(given),
    sizeBytes,
    damage,
    ...(remains.damage ? { cutAt: remains.missing } : {}),
    facts: factsOf(place, remains),
  };
};

/** Of a whole one. */
const stateOf = ({ log, record, unknown }: LogToExamine): ExaminedLayer["state"] => {
  if (record?.removed) return "half-removed";
  // Only a newer release builds on logs; whatever else is unknown keeps nobody from using the disk.
  if (unknown.some((key) => key.startsWith(pinsKey(log)))) return "newer";
  return record ? "sound" : "orphaned";
};

interface Followed {
  readonly place: LogToExamine;
  readonly remains: Remains;
  readonly sizeBytes: number;
  /** What keeps the log, or parts of what it leads to, from being read. */
  readonly broken: readonly Damage[];
}

/** What a writer does meanwhile can look like damage once: what is damaged is so when it is looked at again. */
const followed = async (place: LogToExamine, signal: AbortSignal): Promise<Followed> => {
  const first = await follow(place, signal);
  if (first.broken.length === 0) return first;
  const { objects, log } = place;
  const { logs } = await censusOf(objects, [logKey(log), checkpointsKey(log)], signal);
  return follow({ ...place, census: logs.get(log) ?? emptyLog() }, signal);
};

const follow = async (place: LogToExamine, signal: AbortSignal): Promise<Followed> => {
  const remains = await remainsOf(place);
  const { map, damage, spoilt } = remains;
  const sizeBytes = place.record?.sizeBytes ?? contentEnd(map);
  cutOff(map, sizeBytes);
  const broken = [
    ...(damage ? [await whatFollows(place, remains, sizeBytes, signal)] : []),
    ...spoilt.map((each) => ({ ...each, ranges: [], bytes: 0 })),
    ...(await lostSegments(place, map, sizeBytes, signal)),
  ];
  return { place, remains, sizeBytes, broken };
};

/** Where the last block ends that the map has. */
export const contentEnd = (map: ExtentMap): number => {
  let end = 0;
  const reach = (block: number) => {
    end = Math.max(end, block);
  };
  map.visit(0, MOST_BLOCKS, {
    hole: () => undefined,
    run: (block, count) => reach(block + count),
    fragment: (block) => reach(block + 1),
  });
  return end * BLOCK_BYTES;
};

/** What breaks the log, and what of the disk was written from there on: as far as the objects tell that are whole. */
const whatFollows = async (
  place: LogToExamine,
  { damage, missing }: Remains,
  sizeBytes: number,
  signal: AbortSignal,
): Promise<Damage> => {
  const ranges = new Ranges();
  let unreadable = 0;
  for (const [number, object] of place.census.numbers)
    if (number >= missing && !(await writtenIn(place.objects, object, ranges, signal))) unreadable++;
  const more = unreadable > 0 ? "; it can't be told what it, or another like it, changed" : "";
  const { object, problem } = damage ?? { object: "", problem: "" };
  return { object, problem: `${problem}${more}`, ...ranges.told(sizeBytes) };
};

/** Adds what the object changed of the disk; false where it doesn't tell. */
export const writtenIn = async (
  objects: Objects,
  { key, sizeBytes }: StoredObject,
  into: Ranges,
  signal: AbortSignal,
): Promise<boolean> => {
  const found = await fetchIndex(objects, key, { sizeBytes, signal }).catch((error: unknown) => {
    if (signal.aborted || CodedError.is(error, "object-newer")) throw error;
    return undefined;
  });
  if (found === undefined) return false;
  return visitRecords(found.index.records, found.index.cellBytes, {
    hole: (block, count) => into.addBlocks(block, count),
    run: (block, count, _position, from) => {
      if (from === undefined) into.addBlocks(block, count);
    },
    fragment: (block, firstSector, sectors, _position, from) => {
      if (from === undefined) into.addSectors(block, firstSector, sectors);
    },
  });
};

/** Objects that the map points at and that aren't there. */
const lostSegments = async (
  place: LogToExamine,
  map: ExtentMap,
  sizeBytes: number,
  signal: AbortSignal,
): Promise<Damage[]> => {
  const { objects, log, census } = place;
  const lost = new Map<number, Ranges>();
  for (const { segment, liveBytes } of map.segments) {
    if (liveBytes === 0 || census.numbers.has(segment)) continue;
    // It may have been made since the list.
    const found = await objects.get(logObjectKey(log, segment), { length: 1, signal });
    if (found === undefined) lost.set(segment, new Ranges());
  }
  if (lost.size === 0) return [];
  for await (const { segment, ...cell } of liveCellsOf(map, blocksOf(sizeBytes), new Set(lost.keys())))
    lost.get(segment)?.addSectors(cell.block, cell.firstSector, cell.sectors);
  return [...lost].map(([number, ranges]) => ({
    object: objects.location(logObjectKey(log, number)),
    problem: "it is gone",
    ...ranges.told(sizeBytes),
  }));
};

const unsoundObjects = async (
  place: LogToExamine,
  map: ExtentMap,
  sizeBytes: number,
  { signal, onBytes }: Verifying,
): Promise<Damage[]> => {
  if (onBytes === undefined) return [];
  const { objects, census } = place;
  const found = await verifyLog(
    { ...place, map, blocks: blocksOf(sizeBytes), stored: [...census.numbers] },
    { signal, onBytes },
  );
  const told = found.map(({ key, problem, hit }) => ({
    object: objects.location(key),
    problem,
    ...hit.told(sizeBytes),
  }));
  return [...(await unsoundCheckpoints(place, signal)), ...told];
};

/** Those that are there still: a writer removes old ones meanwhile. */
const unsoundCheckpoints = async (
  { objects, log }: LogToExamine,
  signal: AbortSignal,
): Promise<readonly Damage[]> => {
  const found: Damage[] = [];
  for (const start of await startsOf(objects, log)) {
    signal.throwIfAborted();
    await start().catch((error: unknown) => found.push({ ...damageOf(error), ranges: [], bytes: 0 }));
  }
  if (found.length === 0) return found;
  const kept = new Set<string>();
  for await (const { key } of objects.list(checkpointsKey(log), { signal })) kept.add(objects.location(key));
  return found.filter(({ object }) => kept.has(object));
};

const blocksOf = (sizeBytes: number): number => Math.ceil(sizeBytes / BLOCK_BYTES);

/** Found twice, by following the log and by reading everything, it is told with all that it hits. */
const onePerObject = (damage: readonly Damage[]): Damage[] => {
  const byObject = new Map<string, Damage>();
  for (const each of damage) {
    const other = byObject.get(each.object);
    byObject.set(each.object, other !== undefined && other.bytes >= each.bytes ? other : each);
  }
  return [...byObject.values()];
};

const factsOf = (place: LogToExamine, remains: Remains): ExaminedLayer["facts"] => {
  const { objects, log, window, census, record, unknown } = place;
  const numbers = [...census.numbers.keys()];
  let [liveBytes, cellBytes] = [0, 0];
  for (const use of remains.map.segments) {
    liveBytes += use.liveBytes;
    cellBytes += use.totalBytes;
  }
  const storedBytes = [...census.numbers.values()].reduce((sum, each) => sum + each.sizeBytes, 0);
  return {
    log,
    window,
    objects: numbers.length,
    storedBytes,
    cellBytes,
    liveBytes,
    lowestNumber: numbers[0] ?? null,
    lastNumber: remains.last,
    confirmedThrough: remains.confirmedThrough,
    fences: [...remains.fences],
    checkpoint: remains.checkpoint.number || null,
    checkpoints: census.checkpoints.map((name) => ({
      number: name.number,
      location: objects.location(checkpointKey(log, name)),
    })),
    strays: numbers.filter((number) => number > remains.last).length,
    ...(unknown.length > 0 && { unknown: unknown.slice(0, MAX_TOLD).map((key) => objects.location(key)) }),
    ...record?.facts,
  };
};
