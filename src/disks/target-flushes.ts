import type { Clock } from "../contract/index.ts";
import type { FlushCost } from "./flush-cost.ts";

/** The first of those is one of little: what such a one takes must be known before the guest is held for one. */
const FIRST_SPILL_BYTES = 64 * 1024;
/** So much copied and not yet durable is flushed while copying goes on: at the end there is less to wait for. */
const SPILL_BYTES = 64 * 1024 ** 2;

/** Makes durable at the target what was copied, along the way and when it is asked for; learns what that takes. */
export class TargetFlushes {
  readonly #clock: Clock;
  readonly #flush: () => Promise<void>;
  readonly #cost: FlushCost;
  #unflushedBytes = 0;
  #touched = false;
  #spillBytes = FIRST_SPILL_BYTES;
  #running: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(options: {
    readonly clock: Clock;
    readonly flush: () => Promise<void>;
    readonly cost: FlushCost;
  }) {
    this.#clock = options.clock;
    this.#flush = options.flush;
    this.#cost = options.cost;
  }

  /** Written since the last flush began. */
  get unflushedBytes(): number {
    return this.#unflushedBytes;
  }

  /** 0 for what has no bytes, such as zeroes: there is something to flush all the same. */
  wrote(bytes: number): void {
    this.#touched = true;
    this.#unflushedBytes += bytes;
  }

  /** Begins a flush beside the copying where much has gathered; throws what the last such flush failed with. */
  spill(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
    if (this.#unflushedBytes < this.#spillBytes || this.#running !== undefined) return;
    this.#spillBytes = SPILL_BYTES;
    this.#run().catch((error: unknown) => {
      this.#failure = { error };
    });
  }

  /** Resolves when everything written before the call is durable. */
  async flush(): Promise<void> {
    // What runs may have passed the last bytes; what it failed with is thrown here too. Others may have waited for it as well.
    while (this.#running !== undefined) await this.#running;
    if (this.#failure !== undefined) throw this.#failure.error;
    await this.#run();
  }

  /** Resolves when none is under way, however it ended. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running.catch(() => undefined);
  }

  #run(): Promise<void> {
    this.#running = this.#timed().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #timed(): Promise<void> {
    const bytes = this.#unflushedBytes;
    const touched = this.#touched;
    this.#unflushedBytes = 0;
    this.#touched = false;
    const startedMs = this.#clock.monotonicMs();
    await this.#flush();
    // One that has nothing to do says nothing of those that have: a store far away isn't even asked.
    if (touched) this.#cost.record(bytes, this.#clock.monotonicMs() - startedMs);
  }
}
