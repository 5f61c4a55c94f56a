import { CodedError, type MoveBudgets } from "../contract/index.ts";
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
}

/** A move that leads nowhere: where it stands, and which one budget would have worked in its place, also as data. */
export function notConverging({ disk, pace, dirtyBytes, budgets, heldMs }: Stalled): CodedError {
  const rates = {
    dirtyBytes,
    dirtyBytesPerSecond: Math.round(pace.dirtying),
    copyBytesPerSecond: Math.round(pace.rounds),
  };
  const workable = {
    ...workablePause(pace, { dirtyBytes, maxPauseMs: budgets.maxPauseMs, heldMs }),
    ...workableImpact(pace, budgets),
    ...workableRate(pace, budgets),
  };
  const switchOvers = heldMs.length === 0 ? {} : { attempts: heldMs.length, heldMs: Math.max(...heldMs) };
  const detail = [
    ...(heldMs.length === 0 ? [] : [attemptsText(heldMs, budgets.maxPauseMs)]),
    `${quantityText("bytes", dirtyBytes)} are still to be copied, and ${quantityText("bytes", rates.dirtyBytesPerSecond)} are written for each ${quantityText("bytes", rates.copyBytesPerSecond)} copied`,
    ...workableText(workable),
  ].join("; ");
  return new CodedError("not-converging", { disk, detail, ...rates, ...switchOvers, ...workable, budgets });
}

interface Workable {
  readonly workableMaxPauseMs?: number;
  readonly workableGuestImpact?: number;
  readonly workableMaxBytesPerSecond?: number;
}

/** A pause for all that is dirty, and longer than those that didn't suffice. */
const workablePause = (
  pace: Pace,
  { dirtyBytes, maxPauseMs, heldMs }: { dirtyBytes: number; maxPauseMs: number; heldMs: readonly number[] },
): Workable => {
  // A hold that was ended for its budget used it up, also where the timer fired a moment early.
  const triedMs = heldMs.length === 0 ? 0 : Math.max(maxPauseMs, ...heldMs);
  const neededMs = Math.max(pauseMs(pace, dirtyBytes), triedMs);
  if (!Number.isFinite(neededMs) || neededMs < maxPauseMs) return {};
  return { workableMaxPauseMs: Math.ceil((neededMs * MARGIN) / 10) * 10 };
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

const attemptsText = (heldMs: readonly number[], maxPauseMs: number): string =>
  `${heldMs.length} switch-overs did not fit into ${maxPauseMs} ms, the last one held the guest for ${Math.ceil(heldMs.at(-1) ?? 0)} ms`;

const workableText = ({
  workableMaxPauseMs: pause,
  workableGuestImpact: impact,
  workableMaxBytesPerSecond: rate,
}: Workable): readonly string[] => {
  const choices = [
    ...(pause === undefined ? [] : [`a pause of ${quantityText("inMs", pause)}`]),
    ...(impact === undefined ? [] : [`a guest impact of ${impact} %`]),
    ...(rate === undefined ? [] : [`a rate limit of ${quantityText("bytesPerSecond", rate)}`]),
  ];
  return choices.length === 0 ? [] : [`${choices.join(" or ")} would have worked`];
};
