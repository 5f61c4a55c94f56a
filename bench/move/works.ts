import type { WriterLoad } from "../load/writer.ts";
import { eachGoal, type Goal, medianGoal } from "../report/goals.ts";

/** The only mover of the work with the slow flush. */
export const SLOW_FLUSH_MOVER = "pagurus, slow flush";

export interface LiveWork {
  readonly name: string;
  readonly load: WriterLoad;
  /** Our budget. */
  readonly maxPauseMs: number;
}

export const IDLE = "idle move";
export const UNTHROTTLED: LiveWork = {
  name: "live move, unthrottled 4k writer qd4",
  load: { depth: 4 },
  maxPauseMs: 50,
};
export const PACED: LiveWork = {
  name: "live move, 2000 IOPS",
  load: { depth: 4, iops: 2000 },
  maxPauseMs: 20,
};
export const SLOW_FLUSH: LiveWork & { readonly flushDelayMs: number } = {
  name: "live move, 2000 IOPS, slow flush at the target",
  load: { depth: 4, iops: 2000 },
  maxPauseMs: 300,
  flushDelayMs: 20,
};

export const IMPACT = "live move, unthrottled 4k writer, by guestImpact";
export const impacts = [4, 16].flatMap((depth) =>
  [10, 30, 50].map((guestImpact) => ({ depth, guestImpact })),
);
export const impactName = (depth: number, guestImpact: number): string => `qd${depth}, ${guestImpact} %`;
/** What the writer may lose beyond what copying is allowed to take, in percent of its rate. */
const IMPACT_TOLERANCE = 5;

/** Whoever fails has neither a pause nor a loss: without this goal that would be reached. */
const allMoved = (work: string, subject?: string): Goal =>
  eachGoal({
    work,
    key: "moved",
    what: `moves that succeeded, worst of all${subject === undefined ? "" : `, ${subject}`}:`,
    atLeast: 1,
    ...(subject !== undefined && { subject }),
  });

/** In a file system in memory nothing but us keeps a client waiting. */
const waitsNoLonger = (work: LiveWork): Goal =>
  eachGoal({
    work: work.name,
    place: "tmpfs",
    key: "beyondPauseMs",
    what: "client's longest wait beyond the pause, in ms",
    atMost: 5,
  });

const each = (
  work: LiveWork,
  key: string,
  what: string,
  bound: { atLeast?: number; atMost?: number },
): Goal => eachGoal({ work: work.name, key, what, ...bound });

export const moveGoals: readonly Goal[] = [
  allMoved(UNTHROTTLED.name),
  each(UNTHROTTLED, "keptPercent", "least % of the IOPS kept", { atLeast: 60 }),
  each(UNTHROTTLED, "pauseMs", "longest pause in ms", { atMost: 50 }),
  each(UNTHROTTLED, "copiedTimes", "most bytes copied x disk", { atMost: 1.5 }),
  each(UNTHROTTLED, "timesIdle", "longest time x idle move", { atMost: 3 }),
  waitsNoLonger(UNTHROTTLED),
  allMoved(PACED.name),
  medianGoal({ work: PACED.name, key: "keptPercent", what: "% of the IOPS kept", atLeast: 97 }),
  ...impacts.map(({ depth, guestImpact }) => allMoved(IMPACT, impactName(depth, guestImpact))),
  ...impacts.map(({ depth, guestImpact }) =>
    medianGoal({
      work: IMPACT,
      subject: impactName(depth, guestImpact),
      key: "keptBesidePausePercent",
      what: `% of the IOPS kept beside the pause, ${impactName(depth, guestImpact)}`,
      atLeast: 100 - guestImpact - IMPACT_TOLERANCE,
    }),
  ),
  each(PACED, "pauseMs", "longest pause in ms", { atMost: 20 }),
  each(PACED, "copiedTimes", "most bytes copied x disk", { atMost: 1.1 }),
  waitsNoLonger(PACED),
  allMoved(SLOW_FLUSH.name, SLOW_FLUSH_MOVER),
  ...["pauseMs", "predictedPauseMs"].map((key) =>
    medianGoal({
      work: SLOW_FLUSH.name,
      subject: SLOW_FLUSH_MOVER,
      key,
      what: `${key} with a flush of 20 ms`,
      atLeast: 20,
    }),
  ),
];
