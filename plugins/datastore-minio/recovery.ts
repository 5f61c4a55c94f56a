import { CodedError } from "pagurus";
import { decodeCheckpoint } from "./checkpoint.ts";
import { ExtentMap } from "./extent-map.ts";
import { damagedObject, newerObject } from "./fetch-index.ts";
import { type CheckpointName, checkpointKey, checkpointOf, checkpointsKey, logObjectKey } from "./layout.ts";
import { LogIndexes } from "./log-indexes.ts";
import type { Objects } from "./objects.ts";
import { replay } from "./replay.ts";
import { type DecodedIndex, NEWER_FORMAT, NO_NONCE, NO_PREDECESSOR } from "./segment-index.ts";

/** The log as far as it goes: a prefix of what was written. */
export interface RecoveredLog {
  readonly map: ExtentMap;
  /** The last object of the prefix; 0 where there is none. */
  readonly last: number;
  /** The checksum of that object. */
  readonly checksum: Uint8Array;
  /** The first number that is missing: where a fence belongs. */
  readonly missing: number;
  /** The newest checkpoint that counts; number 0: none. */
  readonly checkpoint: CheckpointName;
  /** The segments that nothing pointed at in that checkpoint. */
  readonly dead: readonly number[];
  /** Objects beyond the end, which count for nothing. */
  readonly strays: readonly number[];
  /** How many objects were read after it, and how many bytes their cells take. */
  readonly replayed: { readonly objects: number; readonly cellBytes: number };
}

/** A log, and what its layer's record says of it. */
export interface LogFacts {
  readonly log: string;
  readonly window: number;
  /** The bucket had it through that number. */
  readonly confirmedThrough?: number | undefined;
}

export type Start = Pick<RecoveredLog, "map" | "last" | "checksum" | "checkpoint" | "dead">;

/** How often a log that goes on meanwhile is read from its beginning again. */
const MAX_ATTEMPTS = 5;
const NO_CHECKPOINT: CheckpointName = { number: 0, nonce: NO_NONCE };

/**
 * Reads a log from its newest checkpoint that counts to its end. The end is the first missing number that no later
 * object knew to be confirmed: with a crash some of the objects that were on their way are there and others not, and
 * what follows a missing one was never answered for. A missing number that a later object or the layer's record knew to
 * be confirmed is no crash but a loss: `object-damaged`, as for every object that isn't what it was made as. Whoever
 * reads the record does so before: it must not know of what came to the log later.
 */
export const recoverLog = async (objects: Objects, facts: LogFacts): Promise<RecoveredLog> => {
  let damaged: unknown;
  for (let attempt = 1; ; attempt++) {
    try {
      return await recoverOnce(objects, facts);
    } catch (error) {
      if (!CodedError.is(error, "object-damaged") || attempt === MAX_ATTEMPTS) throw error;
      // What a writer who is still at work has deleted is no loss: its newer checkpoint doesn't need it.
      if (error.data["object"] === damaged) throw error;
      damaged = error.data["object"];
    }
  }
};

const recoverOnce = async (objects: Objects, facts: LogFacts): Promise<RecoveredLog> => {
  let damage: unknown;
  for (const start of await startsOf(objects, facts.log)) {
    try {
      const recovered = await walk(objects, facts, await start());
      if (recovered !== undefined) return recovered;
    } catch (error) {
      // An older checkpoint still leads to the same end, as long as the objects after it are there.
      if (!CodedError.is(error, "object-damaged")) throw error;
      damage ??= error;
    }
  }
  throw damage;
};

/** The newest checkpoint first; at last the empty disk that every log begins with. */
export const startsOf = async (objects: Objects, log: string): Promise<(() => Promise<Start>)[]> => {
  const names: CheckpointName[] = [];
  for await (const { key } of objects.list(checkpointsKey(log))) {
    const name = checkpointOf(key);
    if (name !== undefined) names.push(name);
  }
  const fromCheckpoints = names.reverse().map((checkpoint) => async (): Promise<Start> => {
    const key = checkpointKey(log, checkpoint);
    const part = (suffix: string) => objects.get(key + suffix);
    const bytes = await objects.get(key);
    const { number } = checkpoint;
    const decoded = bytes === undefined ? "it is gone" : await decodeCheckpoint(bytes, { log, number, part });
    if (decoded === NEWER_FORMAT) throw newerObject(objects, key, decoded);
    if (typeof decoded === "string") throw damagedObject(objects, key, decoded);
    const { map, checksum } = decoded;
    const dead = [...map.segments].filter(({ liveBytes }) => liveBytes === 0).map(({ segment }) => segment);
    return { map, last: number, checksum, checkpoint, dead };
  });
  const empty = async (): Promise<Start> => ({
    map: new ExtentMap(),
    last: 0,
    checksum: NO_PREDECESSOR,
    checkpoint: NO_CHECKPOINT,
    dead: [],
  });
  return [...fromCheckpoints, empty];
};

/** Undefined where no object names the checkpoint that it starts with: its writer may have been nobody's any more. */
const walk = async (objects: Objects, facts: LogFacts, start: Start): Promise<RecoveredLog | undefined> => {
  const { log } = facts;
  const { map, checkpoint, dead } = start;
  const indexes = await LogIndexes.after(objects, log, start.last);
  let { last, checksum } = start;
  let missing = last + 1;
  let named = checkpoint.number === 0;
  let replayedObjects = 0;
  let cellBytes = 0;
  for (;;) {
    const found = await indexes.read(missing);
    if (found === undefined) break;
    const { index } = found;
    const key = logObjectKey(log, missing);
    const problem = misplaced(found, { log, number: missing, checksum });
    if (problem !== undefined) throw damagedObject(objects, key, problem);
    if (!replay(map, index)) throw damagedObject(objects, key, "its records tell what can't be");
    named ||= index.checkpoint.number === checkpoint.number && index.checkpoint.nonce === checkpoint.nonce;
    ({ checksum } = found);
    last = missing;
    missing = index.kind === "fence" ? index.continuesAt : missing + 1;
    replayedObjects++;
    cellBytes += index.cellBytes;
  }
  if (!named) return undefined;
  await refuseLoss(objects, facts, { missing, indexes });
  const replayed = { objects: replayedObjects, cellBytes };
  return { map, last, checksum, missing, checkpoint, dead, strays: indexes.above(missing), replayed };
};

export const misplaced = (
  { index }: DecodedIndex,
  expected: { readonly log: string; readonly number: number; readonly checksum: Uint8Array },
): string | undefined => {
  if (index.log !== expected.log) return `it belongs to the log ${index.log}`;
  if (index.number !== expected.number) return `it was made as number ${index.number}`;
  if (Buffer.compare(index.predecessor, expected.checksum) !== 0)
    return "it follows another object than the one before it";
  if (index.kind === "fence" && index.continuesAt <= index.number) return "it continues nowhere";
  return undefined;
};

/** What follows the missing number may be there after a crash, as long as nobody was ever told that it was reached. */
export const refuseLoss = async (
  objects: Objects,
  { log, window, confirmedThrough = 0 }: LogFacts,
  { missing, indexes }: { readonly missing: number; readonly indexes: LogIndexes },
): Promise<void> => {
  for (const number of indexes.above(missing)) {
    const later = await indexes.read(number);
    const knewBetter = later !== undefined && later.index.confirmedThrough >= missing;
    if (!knewBetter && number < missing + window) continue;
    const why = `${objects.location(logObjectKey(log, number))} was made after it`;
    throw damagedObject(objects, logObjectKey(log, missing), `it is gone, and ${why}`);
  }
  if (missing > confirmedThrough) return;
  const others =
    missing < confirmedThrough ? `, and so are all after it, through number ${confirmedThrough}` : "";
  const why = "the layer's record says that the bucket had what was flushed";
  throw damagedObject(objects, logObjectKey(log, missing), `it is gone${others}: ${why}`);
};
