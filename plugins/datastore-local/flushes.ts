/**
 * Joins flushes: at most one runs and one waits. Whoever asks while one runs gets the next, since the running one
 * may have passed their bytes. After a failure nothing is synced again: the kernel may have dropped what it could
 * not write, and a second try would answer that all is well.
 */
export class Flushes {
  readonly #sync: () => Promise<void>;
  readonly #afterFailure: (cause: unknown) => unknown;
  #running: Promise<void> | undefined;
  #waiting: Promise<void> | undefined;
  #failed: { readonly cause: unknown } | undefined;

  constructor(sync: () => Promise<void>, afterFailure: (cause: unknown) => unknown) {
    this.#sync = sync;
    this.#afterFailure = afterFailure;
  }

  flush(): Promise<void> {
    if (this.#waiting !== undefined) return this.#waiting;
    if (this.#running === undefined) return this.#begin();
    this.#waiting = this.#running
      .catch(() => undefined)
      .then(() => {
        this.#waiting = undefined;
        return this.#begin();
      });
    return this.#waiting;
  }

  /** Resolves when none runs or waits. */
  async idle(): Promise<void> {
    while (this.#waiting !== undefined || this.#running !== undefined)
      await Promise.allSettled([this.#waiting, this.#running]);
  }

  #begin(): Promise<void> {
    this.#running = this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #run(): Promise<void> {
    if (this.#failed !== undefined) throw this.#afterFailure(this.#failed.cause);
    try {
      await this.#sync();
    } catch (cause) {
      this.#failed = { cause };
      throw cause;
    }
  }
}
