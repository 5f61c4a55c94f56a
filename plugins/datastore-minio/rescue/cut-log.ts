import { randomBytes } from "node:crypto";
import type { Cut } from "pagurus";
import { fetchIndex, unlessDamaged } from "../fetch-index.ts";
import { LAST_NUMBER, LOST, logKey, logObjectKey, numberOf } from "../layout.ts";
import type { Objects, StoredObject } from "../objects.ts";
import { encodeIndex, LEAST_INDEX_BYTES, NO_NONCE, NO_PREDECESSOR } from "../segment-index.ts";
import type { LogCensus } from "./census.ts";
import { writtenIn } from "./examine-log.ts";
import { Ranges } from "./ranges.ts";
import { type LogPlace, remainsOf } from "./remains.ts";

/** Objects that are put aside at once. */
const MOVED_AT_ONCE = 16;

export interface LogToCut extends LogPlace {
  readonly layer: string;
  readonly sizeBytes: number;
  readonly census: LogCensus;
}

/** Why it can't be cut there, and where it can. */
export interface Refusal {
  readonly problem: string;
  readonly instead: string;
}

export interface Cutting {
  readonly cutAt: number;
  readonly confirmed: boolean;
  readonly signal: AbortSignal;
  readonly onMoved: (share: number) => void;
}

/**
 * Cuts a log: what it held from a number on is put aside, and a fence is put there behind which the next writer goes on.
 * A crash midway leaves the log damaged, as it was, and the cut is made by doing it again.
 *
 * First comes a barrier above the highest number there is, which stays: no writer that is still at work somewhere gets
 * past it, so none can promise anything for a number that is free again. The fence goes on behind all that one may have
 * on its way.
 */
export const cutLog = async (log: LogToCut, cutting: Cutting): Promise<Cut | Refusal> => {
  const { cutAt, confirmed, signal } = cutting;
  const remains = await remainsOf(log, cutAt);
  const { missing } = remains;
  if (remains.damage !== undefined)
    return {
      problem: `${remains.damage.object} is before that: ${remains.damage.problem}`,
      instead: `${missing}`,
    };
  const leaving = await leavingFrom(log, missing, signal);
  if (missing < cutAt || highestKnown(log) < missing)
    return { problem: `it ends with number ${remains.last}`, instead: `${remains.last} or lower` };
  const account = await accountOf(log, cutAt, leaving, signal);
  if (!confirmed) return account;
  const behind = await putBarrier(log, signal);
  if (typeof behind !== "number") return behind;
  await putAside(log, leaving, cutting);
  const { checksum, checkpoint } = remains;
  const fence = encodeIndex({
    ...{ kind: "fence", log: log.log, number: missing, nonce: newNonce(), predecessor: checksum },
    ...{
      confirmedThrough: missing - 1,
      checkpoint,
      continuesAt: behind,
      records: new Uint32Array(),
      cellBytes: 0,
    },
  });
  const made = await log.objects.put(logObjectKey(log.log, missing), [fence.bytes], { signal });
  const found = made === "made" ? fence : await fetchIndex(log.objects, logObjectKey(log.log, missing));
  if (found === undefined || Buffer.compare(found.checksum, fence.checksum) !== 0)
    return { problem: `somebody has written number ${missing} meanwhile`, instead: `${cutAt} again` };
  return { ...account, done: true };
};

/** That is there, or was. */
const highestKnown = ({ census, confirmedThrough = 0 }: LogToCut): number =>
  Math.max(confirmedThrough, [...census.numbers.keys()].at(-1) ?? 0);

interface Leaving {
  /** Absent for what is part of a checkpoint. */
  readonly number?: number;
  readonly object: StoredObject;
}

/** What stops counting: log objects from there on but for barriers, and the checkpoints that cover any of them. */
const leavingFrom = async (log: LogToCut, missing: number, signal: AbortSignal): Promise<Leaving[]> => {
  const { numbers, checkpointObjects } = log.census;
  const leaving: Leaving[] = [];
  for (const [number, object] of numbers)
    if (number >= missing && !(await isBarrier(log, { number, object }, signal)))
      leaving.push({ number, object });
  const covering = checkpointObjects.filter(({ number }) => number >= missing);
  return [...leaving, ...covering.map(({ object }) => ({ object }))];
};

/** A fence that follows nothing: no recovery comes to it, and no writer past it. */
const isBarrier = async (
  { objects }: LogToCut,
  { number, object }: Required<Leaving>,
  signal: AbortSignal,
): Promise<boolean> => {
  if (number === 1 || object.sizeBytes !== LEAST_INDEX_BYTES) return false;
  const found = await fetchIndex(objects, object.key, { sizeBytes: object.sizeBytes, signal }).catch(
    unlessDamaged,
  );
  return found?.index.kind === "fence" && Buffer.compare(found.index.predecessor, NO_PREDECESSOR) === 0;
};

const accountOf = async (
  log: LogToCut,
  cutAt: number,
  leaving: readonly Leaving[],
  signal: AbortSignal,
): Promise<Cut> => {
  const ranges = new Ranges();
  let untold = 0;
  for (const { number, object } of leaving)
    if (number !== undefined && !(await writtenIn(log.objects, object, ranges, signal))) untold++;
  const { ranges: told, bytes: rangeBytes } = ranges.told(log.sizeBytes);
  const oldest = leaving.reduce((least, { object }) => Math.min(least, object.modifiedAt), Infinity);
  return {
    ...{ layer: log.layer, cutAt, done: false, objects: leaving.length },
    bytes: leaving.reduce((sum, { object }) => sum + object.sizeBytes, 0),
    ...(leaving.length > 0 ? { writtenSince: new Date(oldest).toISOString() } : {}),
    kept: log.objects.location(LOST + logKey(log.log)),
    ...{ ranges: told, rangeBytes, untold },
  };
};

/** Answers the first number that nobody who wrote before the barrier can reach. */
const putBarrier = async (place: LogToCut, signal: AbortSignal): Promise<number | Refusal> => {
  const { objects, log, window } = place;
  let highest: Required<Leaving> | undefined;
  for await (const object of objects.list(logKey(log), { signal })) {
    const number = numberOf(object.key);
    if (number !== undefined) highest = { number, object };
  }
  const confirmedThrough = Math.max(highest?.number ?? 0, place.confirmedThrough ?? 0);
  if (highest?.number === confirmedThrough && (await isBarrier(place, highest, signal)))
    return highest.number + window;
  const number = confirmedThrough + 1;
  if (number + window > LAST_NUMBER) return { problem: "its numbers are at their end", instead: "no number" };
  const barrier = encodeIndex({
    ...{ kind: "fence", log, number, nonce: newNonce(), predecessor: NO_PREDECESSOR, confirmedThrough },
    ...{ checkpoint: { number: 0, nonce: NO_NONCE }, continuesAt: number + window },
    ...{ records: new Uint32Array(), cellBytes: 0 },
  });
  const made = await objects.put(logObjectKey(log, number), [barrier.bytes], { signal });
  if (made === "made") return number + window;
  // Our own, whose answer was lost, or a writer's.
  const found = await fetchIndex(objects, logObjectKey(log, number), { signal }).catch(() => undefined);
  if (found !== undefined && Buffer.compare(found.checksum, barrier.checksum) === 0) return number + window;
  return { problem: "somebody writes it", instead: "it again when nobody does" };
};

const putAside = async (
  { objects }: LogToCut,
  leaving: readonly Leaving[],
  { signal, onMoved }: Cutting,
): Promise<void> => {
  for (let at = 0; at < leaving.length; at += MOVED_AT_ONCE) {
    const keys = leaving.slice(at, at + MOVED_AT_ONCE).map(({ object }) => object.key);
    // What isn't there any more was put aside before, by a cut that was cut short; and what an earlier cut has kept
    // under a number is what was written under it, not the fence of that cut.
    await Promise.all(keys.map((key) => keepAside(objects, key, signal)));
    await objects.remove(keys, { signal });
    onMoved((at + keys.length) / leaving.length);
  }
};

const keepAside = async (objects: Objects, key: string, signal: AbortSignal): Promise<void> => {
  for await (const { key: kept } of objects.list(LOST + key, { signal })) if (kept === LOST + key) return;
  await objects.copy(key, LOST + key, { signal });
};

const newNonce = (): string => randomBytes(16).toString("hex");
