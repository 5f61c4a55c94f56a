import type { Clock } from "../contract/index.ts";

/** The longest debt a throttle remembers, so that a raised limit takes effect within this time. */
const MEMORY_MS = 250;

/**
 * Keeps a rate by making its caller wait. The limit is read anew at each call, so that it can change at any time.
 * Bytes are paid for after they were moved.
 */
export class Throttle {
  readonly #clock: Clock;
  readonly #limit: () => number | undefined;
  #freeAt = 0;

  constructor(clock: Clock, limit: () => number | undefined) {
    this.#clock = clock;
    this.#limit = limit;
  }

  /** Resolves when the bytes paid for so far are within the rate. */
  async wait(signal: AbortSignal): Promise<void> {
    for (let left = this.#leftMs(); left > 0; left = this.#leftMs())
      await this.#clock.sleep(Math.min(left, MEMORY_MS), signal);
  }

  pay(bytes: number): void {
    const limit = this.#limit();
    if (limit === undefined) return;
    const now = this.#clock.monotonicMs();
    this.#freeAt = Math.max(this.#freeAt, now - MEMORY_MS) + (bytes / limit) * 1000;
  }

  #leftMs(): number {
    return this.#limit() === undefined ? 0 : this.#freeAt - this.#clock.monotonicMs();
  }
}
