import type { Clock } from "../../contract/index.ts";

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;

/** Tries the same again until it has succeeded, after waits that grow. Tries never overlap. */
export class RepeatedTry {
  readonly #attempt: () => Promise<boolean>;
  readonly #clock: Clock;
  #waitMs = FIRST_WAIT_MS;
  #disarm: (() => void) | undefined;
  #trying: Promise<void> | undefined;
  /** Asked for while a try was under way, which may not have seen what it is for. */
  #again = false;
  #stopped = false;

  /** `attempt` answers whether nothing is left to be tried; one that rejects is repeated too. */
  constructor(options: { readonly attempt: () => Promise<boolean>; readonly clock: Clock }) {
    this.#attempt = options.attempt;
    this.#clock = options.clock;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** There is something to be tried, after a while. */
  later(): void {
    this.#again = true;
    if (this.#stopped || this.#trying !== undefined) return;
    this.#disarm ??= this.#clock.after(this.#waitMs, () => {
      this.#disarm = undefined;
      this.#waitMs = Math.min(this.#waitMs * 2, LONGEST_WAIT_MS);
      void this.now();
    });
  }

  /** It may succeed now: what waits is tried at once, and soon again. */
  sooner(): void {
    this.#waitMs = FIRST_WAIT_MS;
    if (this.#disarm !== undefined) void this.now();
  }

  /** Resolves when one try has ended. */
  now(): Promise<void> {
    this.#disarm?.();
    this.#disarm = undefined;
    this.#trying ??= this.#try();
    return this.#trying;
  }

  /** Resolves when nothing of it is under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#disarm?.();
    this.#disarm = undefined;
    await this.#trying;
  }

  async #try(): Promise<void> {
    this.#again = false;
    const done = await this.#attempt().catch(() => false);
    this.#trying = undefined;
    if (done && !this.#again) this.#waitMs = FIRST_WAIT_MS;
    else this.later();
  }
}
