import type { Clock } from "../contract/index.ts";

/** A guest that asked for nothing for so long is idle: a busy one that its own machine keeps waiting comes back sooner. */
const QUIET_MS = 50;
/** Work that may be made up for after a wait that took too long: timers have a resolution of a millisecond. */
const CREDIT_MS = 1;
/** Work that may be made up for after stretches that kept the guest from nothing. */
const SAVED_MS = 10;
/**
 * What copying costs the guest, by the time that it takes itself: the processors' caches hold little of the guest's
 * afterwards, and the target's write-back takes its own. A guest that wrote all it could lost 1.2 to 2 times what copying took.
 */
const COST = 1.6;

/** A request of more arrives, or is answered, in several turns of the event loop, of which only one is told. */
const LARGE_BYTES = 64 * 1024;
/** A guest that asks more often wants whatever it can get, also where its own machine keeps it waiting at times. */
const MODEST_PER_MS = 5;
const WINDOW_MS = 30;
/** For so long it is remembered that a guest was no modest one. */
const GREEDY_MS = 250;

/** What a guest has wanted of the event loop so far. */
export interface GuestDemand {
  /** How often a request of it has begun, or has ended after it had waited for I/O. */
  readonly turns: number;
  /** What it has read and written. */
  readonly bytes: number;
}

/**
 * Keeps copying to its share of the event loop that serves the guest, as long as the guest is busy: whatever time
 * copying costs the guest can't have, so that it loses at most that share. Time is paid for after it was taken. A
 * stretch after which nothing of the guest had to be done has kept it from nothing, where it asks less often than it
 * could: it leaves the event loop to copying in between.
 */
export class ImpactLimit {
  readonly #clock: Clock;
  readonly #percent: () => number;
  readonly #demand: () => GuestDemand;
  #seen: GuestDemand;
  #busyUntilMs = Number.NEGATIVE_INFINITY;
  #greedyUntilMs: number;
  #lookedMs: number;
  #window: { readonly fromMs: number; turns: number };
  #owedMs = 0;
  #savedMs = 0;
  /** Whether the last stretch kept the guest from nothing. */
  #spared = false;
  #settledMs: number;

  /** `percent` is the share that copying may cost. */
  constructor(clock: Clock, percent: () => number, demand: () => GuestDemand) {
    this.#clock = clock;
    this.#percent = percent;
    this.#demand = demand;
    this.#seen = { ...demand() };
    this.#settledMs = clock.monotonicMs();
    // Until it is known better.
    this.#greedyUntilMs = this.#settledMs + GREEDY_MS;
    this.#lookedMs = this.#settledMs;
    this.#window = { fromMs: this.#settledMs, turns: 0 };
  }

  /** Copying took so much of the event loop since `leftMs` was last asked, and everybody else has had a turn after it. */
  took(ms: number): void {
    const now = this.#clock.monotonicMs();
    this.#spared = !this.#look(now) && now >= this.#greedyUntilMs;
    if (!this.#spared) this.#owedMs += ms * COST;
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
      this.#savedMs = 0;
      return 0;
    }
    this.#pay(paidMs);
    return this.#owedMs / share;
  }

  /** What is paid for nothing is saved where copying has gone on meanwhile. */
  #pay(ms: number): void {
    this.#owedMs -= ms;
    const overMs = -CREDIT_MS - this.#owedMs;
    if (overMs > 0) {
      this.#owedMs = -CREDIT_MS;
      if (this.#spared) this.#savedMs = Math.min(this.#savedMs + overMs, SAVED_MS);
    }
    const usedMs = Math.min(this.#savedMs, Math.max(this.#owedMs, 0));
    this.#savedMs -= usedMs;
    this.#owedMs -= usedMs;
    this.#spared = false;
  }

  /** Whether the guest has wanted something since the last look. */
  #look(now: number): boolean {
    if (this.#lookedMs - this.#window.fromMs >= WINDOW_MS)
      this.#window = { fromMs: this.#lookedMs, turns: 0 };
    this.#lookedMs = now;
    const { turns, bytes } = this.#demand();
    const [newTurns, newBytes] = [turns - this.#seen.turns, bytes - this.#seen.bytes];
    if (newTurns === 0) return false;
    this.#seen = { turns, bytes };
    this.#busyUntilMs = now + QUIET_MS;
    this.#window.turns += newTurns;
    const often = this.#window.turns > MODEST_PER_MS * Math.max(now - this.#window.fromMs, WINDOW_MS);
    if (often || newBytes > newTurns * LARGE_BYTES) this.#greedyUntilMs = now + GREEDY_MS;
    return true;
  }
}
