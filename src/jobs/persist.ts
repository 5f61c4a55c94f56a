import { type Clock, CodedError } from "../contract/index.ts";

const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 5_000;

/** Waits a little longer each time. `false` once the signal has fired: then it is left to the next start. */
export class Backoff {
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  #waitMs = FIRST_WAIT_MS;

  constructor(clock: Clock, signal: AbortSignal) {
    this.#clock = clock;
    this.#signal = signal;
  }

  async wait(): Promise<boolean> {
    await this.#clock.sleep(this.#waitMs, this.#signal).catch(() => undefined);
    this.#waitMs = Math.min(this.#waitMs * 2, LONGEST_WAIT_MS);
    return !this.#signal.aborted;
  }
}

/**
 * Does what the catalog must know, again and again while it is unavailable: a moment without it must not cost a job
 * its end. `work` bears being repeated, also after an answer that was lost.
 */
export async function persist<T>(work: () => Promise<T>, backoff: Backoff): Promise<T> {
  for (;;)
    try {
      return await work();
    } catch (error) {
      if (!CodedError.is(error, "catalog-unavailable") || !(await backoff.wait())) throw error;
    }
}
