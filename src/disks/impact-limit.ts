import type { Clock } from "../contract/index.ts";

/** A guest that asked for nothing for so long is idle: a busy one that its own machine keeps waiting comes back sooner. */
const QUIET_MS = 50;
/** Work that may be made up for after a wait that took too long: timers have a resolution of a millisecond. */
const CREDIT_MS = 1;
/**
 * What copying costs the guest, by the time that it takes itself: the processors' caches hold little of the guest's
 * afterwards, and the target's write-back takes its own. A guest that wrote all it could lost 1.2 to 2 times what copying took.
 */
const COST = 1.6;

/**
 * Keeps copying to its share of the event loop that serves the guest, as long as the guest is busy: whatever time
 * copying costs the guest can't have, so that it loses at most that share. Time is paid for after it was taken.
 */
export class ImpactLimit {
  readonly #clock: Clock;
  readonly #percent: () => number;
  readonly #requests: () => number;
  #seenRequests: number;
  #busyUntilMs = Number.NEGATIVE_INFINITY;
  #owedMs = 0;
  #settledMs: number;

  /** `percent` is the share that copying may cost; `requests` counts what the guest has asked for so far. */
  constructor(clock: Clock, percent: () => number, requests: () => number) {
    this.#clock = clock;
    this.#percent = percent;
    this.#requests = requests;
    this.#seenRequests = requests();
    this.#settledMs = clock.monotonicMs();
  }

  /** Copying took so much of the event loop. */
  took(ms: number): void {
    this.#owedMs += ms * COST;
  }

  /** How long copying must leave the event loop to the guest from now on, as the budget is now. */
  leftMs(): number {
    const now = this.#clock.monotonicMs();
    const share = this.#percent() / 100;
    const paidMs = (now - this.#settledMs) * share;
    this.#settledMs = now;
    this.#look(now);
    if (now >= this.#busyUntilMs || share >= 1) {
      this.#owedMs = 0;
      return 0;
    }
    this.#owedMs = Math.max(this.#owedMs - paidMs, -CREDIT_MS);
    return this.#owedMs / share;
  }

  #look(now: number): void {
    const requests = this.#requests();
    if (requests === this.#seenRequests) return;
    this.#seenRequests = requests;
    this.#busyUntilMs = now + QUIET_MS;
  }
}
