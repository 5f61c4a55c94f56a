import type { Clock, MoveBudgets } from "../../contract/index.ts";
import { CopyBrake } from "../copy-brake.ts";
import type { GuestDemand } from "../impact-limit.ts";

/** A brake that holds nothing back, unless the budgets say so or the guest wants something. */
export const testBrake = (
  clock: Clock,
  budgets: Partial<MoveBudgets> = {},
  demand: () => GuestDemand = () => ({ turns: 0, bytes: 0 }),
): CopyBrake => {
  const all = { maxPauseMs: 50, maxAttempts: 5, guestImpact: 100 };
  return new CopyBrake(clock, () => ({ ...all, ...budgets }), demand);
};
