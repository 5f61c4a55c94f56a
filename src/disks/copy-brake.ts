import type { Clock, MoveBudgets } from "../contract/index.ts";
import { type GuestDemand, ImpactLimit } from "./impact-limit.ts";
import { Throttle } from "./throttle.ts";

/** The longest that a changed budget goes unnoticed, also one that is lifted for a switch-over that waits. */
const NOTICE_MS = 20;
/** The shortest wait that a timer can keep: what is owed below it is waited for together with what follows. */
const SHORTEST_MS = 1;

/** The budgets that hold copying back. */
export type CopyLimits = Pick<MoveBudgets, "guestImpact" | "maxBytesPerSecond">;

/**
 * Holds copying back as the budgets say, which may change at any time: the rate limit, and the guest's share of the
 * event loop while it is busy. Nothing of it holds while the guest is stunned.
 */
export class CopyBrake {
  readonly #clock: Clock;
  readonly #throttle: Throttle;
  readonly #impact: ImpactLimit;
  #copyingMs = 0;

  /** `demand` is what the guest has wanted so far. */
  constructor(clock: Clock, limits: () => CopyLimits, demand: () => GuestDemand) {
    this.#clock = clock;
    this.#throttle = new Throttle(clock, () => limits().maxBytesPerSecond);
    this.#impact = new ImpactLimit(clock, () => limits().guestImpact, demand);
  }

  /** How long copying took so far, without the waits that were imposed on it. */
  get copyingMs(): number {
    return this.#copyingMs;
  }

  moved(bytes: number): void {
    this.#throttle.moved(bytes);
  }

  /** A stretch of copying took so much of the event loop, and besides waited so long for source and target. */
  took(loopMs: number, waitedMs: number): void {
    this.#impact.took(loopMs);
    this.#copyingMs += loopMs + waitedMs;
  }

  /** A stretch of copying took so long that nothing of the budgets held for. */
  tookFree(ms: number): void {
    this.#copyingMs += ms;
  }

  /** Resolves when copying may go on; `undefined` where that is at once. Rejects with the signal's reason. */
  wait(signal: AbortSignal): Promise<void> | undefined {
    return this.#leftMs() < SHORTEST_MS ? undefined : this.#wait(signal);
  }

  async #wait(signal: AbortSignal): Promise<void> {
    for (let left = this.#leftMs(); left >= SHORTEST_MS; left = this.#leftMs())
      await this.#clock.sleep(Math.min(left, NOTICE_MS), signal);
  }

  #leftMs(): number {
    return Math.max(this.#throttle.leftMs(), this.#impact.leftMs());
  }
}
