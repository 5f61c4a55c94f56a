import type { Clock } from "../contract/index.ts";

/** How much of an idle time may be made up for. */
const MEMORY_MS = 250;

/**
 * Keeps a rate. The limit is read anew at each look, so that it can change at any time: what is owed is counted in
 * bytes. Bytes are paid for after they were moved.
 */
export class Throttle {
  readonly #clock: Clock;
  readonly #limit: () => number | undefined;
  #owedBytes = 0;
  #settledMs: number;

  /** `limit` is in bytes per second. */
  constructor(clock: Clock, limit: () => number | undefined) {
    this.#clock = clock;
    this.#limit = limit;
    this.#settledMs = clock.monotonicMs();
  }

  moved(bytes: number): void {
    this.leftMs();
    this.#owedBytes += bytes;
  }

  /** How long it takes, at the limit as it is now, until the bytes moved so far are within the rate. */
  leftMs(): number {
    const limit = this.#limit();
    const now = this.#clock.monotonicMs();
    const elapsedMs = now - this.#settledMs;
    this.#settledMs = now;
    if (limit === undefined) {
      this.#owedBytes = 0;
      return 0;
    }
    this.#owedBytes = Math.max(this.#owedBytes - (limit * elapsedMs) / 1000, (-limit * MEMORY_MS) / 1000);
    return (this.#owedBytes / limit) * 1000;
  }
}
