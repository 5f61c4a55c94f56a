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

const each = (
  work: LiveWork,
  key: string,
  what: string,
  bound: { atLeast?: number; atMost?: number },
): Goal => eachGoal({ work: work.name, key, what, ...bound });

export const moveGoals: readonly Goal[] = [
  each(UNTHROTTLED, "moved", "moves that succeeded, worst of all:", { atLeast: 1 }),
  each(UNTHROTTLED, "keptPercent", "least % of the IOPS kept", { atLeast: 60 }),
  each(UNTHROTTLED, "pauseMs", "longest pause in ms", { atMost: 50 }),
  each(UNTHROTTLED, "copiedTimes", "most bytes copied x disk", { atMost: 1.5 }),
  each(UNTHROTTLED, "timesIdle", "longest time x idle move", { atMost: 3 }),
  medianGoal({ work: PACED.name, key: "keptPercent", what: "% of the IOPS kept", atLeast: 97 }),
  each(PACED, "pauseMs", "longest pause in ms", { atMost: 20 }),
  each(PACED, "copiedTimes", "most bytes copied x disk", { atMost: 1.1 }),
  eachGoal({
    work: PACED.name,
    place: "tmpfs",
    key: "beyondPauseMs",
    what: "client's longest wait beyond the pause, in ms",
    atMost: 5,
  }),
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
