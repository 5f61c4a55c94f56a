import { CodedError } from "pagurus";
import { damagedObject, fetchIndex } from "../fetch-index.ts";
import { logObjectKey } from "../layout.ts";
import { LogIndexes } from "../log-indexes.ts";
import type { Objects } from "../objects.ts";
import { type LogFacts, misplaced, refuseLoss, type Start, startsOf } from "../recovery.ts";
import { replay } from "../replay.ts";

/** A log of a bucket, and what is known of how it is written. */
export interface LogPlace extends LogFacts {
  readonly objects: Objects;
}

/** An object that isn't as it was made, or isn't there. */
export interface ObjectDamage {
  /** Where a person finds it. */
  readonly object: string;
  readonly problem: string;
}

/** A log as far as it can be followed: the longest prefix of what was written that is whole. */
export interface Remains extends Start {
  /** The first number that isn't in it. */
  readonly missing: number;
  /** Why it ends there, where not because nothing more was written. */
  readonly damage: ObjectDamage | undefined;
  /** Checkpoints that are of no use. */
  readonly spoilt: readonly ObjectDamage[];
  /** Numbers of its fences, from the checkpoint on. */
  readonly fences: readonly number[];
  /** The highest number that an object of it knew to be confirmed. */
  readonly confirmedThrough: number;
}

type Walked = Omit<Remains, "spoilt"> & { readonly vouched: boolean };

/**
 * Follows a log from each of its checkpoints and from its beginning, until one way leads to its end; else the way that
 * leads furthest. Nothing from `before` on is taken.
 */
export const remainsOf = async (place: LogPlace, before = Infinity): Promise<Remains> => {
  const spoilt: ObjectDamage[] = [];
  let furthest: Walked | undefined;
  for (const start of await startsOf(place.objects, place.log)) {
    try {
      const from = await start();
      if (from.last >= before) continue;
      const walked = await walk(place, start, from, before);
      if (!walked.vouched) continue;
      if (furthest === undefined || walked.last > furthest.last) furthest = walked;
      if (walked.damage === undefined) break;
    } catch (error) {
      spoilt.push(damageOf(error));
    }
  }
  if (furthest === undefined) throw new Error("a log begins with an empty disk");
  return { ...furthest, spoilt };
};

const walk = async (
  place: LogPlace,
  start: () => Promise<Start>,
  from: Start,
  before: number,
): Promise<Walked> => {
  const { objects, log } = place;
  const { map, checkpoint } = from;
  const indexes = await LogIndexes.after(objects, log, from.last);
  const fences: number[] = [];
  let { last, checksum } = from;
  let missing = last + 1;
  let confirmedThrough = last;
  let damage: ObjectDamage | undefined;
  let named = checkpoint.number === 0;
  const end = (): Walked => {
    const vouched = named || last > from.last;
    return { ...from, last, checksum, missing, damage, fences, confirmedThrough, vouched };
  };
  try {
    while (missing < before) {
      const found = await indexes.read(missing);
      if (found === undefined) {
        await refuseLoss(objects, place, { missing, indexes });
        break;
      }
      const { index } = found;
      const key = logObjectKey(log, missing);
      const problem = misplaced(found, { log, number: missing, checksum });
      if (problem !== undefined) throw damagedObject(objects, key, problem);
      if (!replay(map, index)) {
        // The map has heard a part of it.
        const upTo = await walk(place, start, await start(), missing);
        return { ...upTo, damage: damageOf(damagedObject(objects, key, "its records tell what can't be")) };
      }
      named ||= index.checkpoint.number === checkpoint.number && index.checkpoint.nonce === checkpoint.nonce;
      confirmedThrough = Math.max(confirmedThrough, index.confirmedThrough);
      if (index.kind === "fence") fences.push(missing);
      ({ checksum } = found);
      last = missing;
      missing = index.kind === "fence" ? index.continuesAt : missing + 1;
    }
  } catch (error) {
    damage = damageOf(error);
  }
  // A checkpoint that no object has named yet is as good where the object that it ends with is the one of the log.
  if (last === from.last && !named) named = await endsWith(place, from);
  return end();
};

const endsWith = async ({ objects, log }: LogPlace, { last, checksum }: Start): Promise<boolean> => {
  const found = await fetchIndex(objects, logObjectKey(log, last)).catch(() => undefined);
  return found !== undefined && Buffer.compare(found.checksum, checksum) === 0;
};

/** What else an error says is thrown on. */
export const damageOf = (error: unknown): ObjectDamage => {
  if (!CodedError.is(error, "object-damaged")) throw error;
  return { object: String(error.data["object"]), problem: String(error.data["problem"]) };
};

/** The same of what is newer, too. */
export const unreadableOf = (error: unknown): ObjectDamage & { readonly newer: boolean } => {
  if (!CodedError.is(error, "object-newer")) return { ...damageOf(error), newer: false };
  return { object: String(error.data["object"]), problem: String(error.data["problem"]), newer: true };
};
