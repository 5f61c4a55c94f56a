import type { Clock, MoveBudgets } from "../../contract/index.ts";
import { CopyBrake } from "../copy-brake.ts";

/** A brake that holds nothing back, unless the budgets say so or requests are counted. */
export const testBrake = (
  clock: Clock,
  budgets: Partial<MoveBudgets> = {},
  requests = () => 0,
): CopyBrake => {
  const all = { maxPauseMs: 50, maxAttempts: 5, guestImpact: 100 };
  return new CopyBrake(clock, () => ({ ...all, ...budgets }), requests);
};
