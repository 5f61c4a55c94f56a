import { CodedError, LONGEST_PAUSE_MS, type MoveBudgets } from "../contract/index.ts";
import { quantityText } from "../observations/quantity.ts";
import { type Pace, pauseMs } from "./outlook.ts";

/** What would just have sufficed is asked for with so much to spare. */
const MARGIN = 1.25;

export interface Stalled {
  readonly disk: string;
  readonly pace: Pace;
  readonly dirtyBytes: number;
  readonly budgets: MoveBudgets;
  /** How long the guest was held in each switch-over that came to nothing. */
  readonly heldMs: readonly number[];
  /** In how many of those this disk did its part in time: another one of the job didn't, or there was none left to commit. */
  readonly inTime: number;
}

/** A move that leads nowhere: where it stands, and which one budget would have worked in its place, also as data. */
export function notConverging({ disk, pace, dirtyBytes, budgets, heldMs, inTime }: Stalled): CodedError {
  const rates = {
    dirtyBytes,
    dirtyBytesPerSecond: Math.round(pace.dirtying),
    copyBytesPerSecond: Math.round(pace.rounds),
  };
  const neededMs = neededPauseMs(pace, { dirtyBytes, maxPauseMs: budgets.maxPauseMs, heldMs });
  const workable = {
    ...workablePause(neededMs, budgets),
    ...workableImpact(pace, budgets),
    ...workableRate(pace, budgets),
  };
  const switchOvers = heldMs.length === 0 ? {} : { attempts: heldMs.length, heldMs: Math.max(...heldMs) };
  const detail = [
    ...(heldMs.length === 0 ? [] : [attemptsText(heldMs, inTime, budgets.maxPauseMs)]),
    `${quantityText("bytes", dirtyBytes)} are still to be copied, and ${quantityText("bytes", rates.dirtyBytesPerSecond)} are written for each ${quantityText("bytes", rates.copyBytesPerSecond)} copied`,
    ...workableText(workable, neededMs),
  ].join("; ");
  return new CodedError("not-converging", { disk, detail, ...rates, ...switchOvers, ...workable, budgets });
}

interface Workable {
  readonly workableMaxPauseMs?: number;
  readonly workableGuestImpact?: number;
  readonly workableMaxBytesPerSecond?: number;
}

/** What a hold for all that is dirty would take, and no less than those that didn't suffice. */
const neededPauseMs = (
  pace: Pace,
  { dirtyBytes, maxPauseMs, heldMs }: { dirtyBytes: number; maxPauseMs: number; heldMs: readonly number[] },
): number => {
  // A hold that was ended for its budget used it up, also where the timer fired a moment early.
  const triedMs = heldMs.length === 0 ? 0 : Math.max(maxPauseMs, ...heldMs);
  return Math.max(pauseMs(pace, dirtyBytes), triedMs);
};

const workablePause = (neededMs: number, { maxPauseMs }: MoveBudgets): Workable => {
  if (neededMs < maxPauseMs || neededMs >= LONGEST_PAUSE_MS) return {};
  return { workableMaxPauseMs: Math.min(Math.ceil((neededMs * MARGIN) / 10) * 10, LONGEST_PAUSE_MS) };
};

/** A share of the event loop in which more is copied than becomes dirty. */
const workableImpact = (
  { copying, dirtying }: Pace,
  { guestImpact, maxBytesPerSecond }: MoveBudgets,
): Workable => {
  const limit = maxBytesPerSecond ?? Number.POSITIVE_INFINITY;
  const percent = Math.ceil((100 * MARGIN * dirtying) / copying);
  const helps = percent > guestImpact && percent <= 100 && dirtying * MARGIN < limit;
  return helps ? { workableGuestImpact: percent } : {};
};

/** A rate limit above what becomes dirty, where copying could keep up with it. */
const workableRate = (
  { copying, dirtying }: Pace,
  { guestImpact, maxBytesPerSecond }: MoveBudgets,
): Workable => {
  const needed = Math.ceil(dirtying * MARGIN);
  const helps =
    maxBytesPerSecond !== undefined && needed > maxBytesPerSecond && needed < (copying * guestImpact) / 100;
  return helps ? { workableMaxBytesPerSecond: needed } : {};
};

const attemptsText = (heldMs: readonly number[], inTime: number, maxPauseMs: number): string => {
  const last = `the last one held the guest for ${Math.ceil(heldMs.at(-1) ?? 0)} ms`;
  const others = inTime === 0 ? "" : `, and in ${inTime} of them this disk was in time and the job was not`;
  return `${heldMs.length} switch-overs did not fit into ${maxPauseMs} ms, ${last}${others}`;
};

const workableText = (
  { workableMaxPauseMs: pause, workableGuestImpact: impact, workableMaxBytesPerSecond: rate }: Workable,
  neededMs: number,
): readonly string[] => {
  const choices = [
    ...(pause === undefined ? [] : [`a pause of ${quantityText("inMs", pause)}`]),
    ...(impact === undefined ? [] : [`a guest impact of ${impact} %`]),
    ...(rate === undefined ? [] : [`a rate limit of ${quantityText("bytesPerSecond", rate)}`]),
  ];
  if (choices.length > 0) return [`${choices.join(" or ")} would have worked`];
  if (neededMs < LONGEST_PAUSE_MS) return [];
  return [
    `neither a pause of ${quantityText("inMs", LONGEST_PAUSE_MS)} nor another budget alone would have worked`,
  ];
};
