import { type Clock, CodedError, type Log, type StoreConcern } from "pagurus";
import { minioCodes } from "./codes.ts";

export interface SettingsWatchOptions {
  readonly datastore: string;
  /** Whether disks can be kept there; `brief`: by its settings alone. */
  readonly bucket: { check(options?: { readonly brief?: boolean }): Promise<void> };
  readonly log: Log;
  readonly clock: Clock;
}

/** What a bucket may come to be when it is in use already: its disks go on, and somebody has to know. */
const CONCERNS = ["bucket-versioned", "bucket-locked", "bucket-expires"] as const;

/** Sees whether a bucket's settings have come to harm what it holds. */
export class SettingsWatch {
  readonly #options: SettingsWatchOptions;
  #concern: StoreConcern | undefined;
  #sound = false;
  #looking = false;

  constructor(options: SettingsWatchOptions) {
    this.#options = options;
  }

  /** What is wrong, as of the last look. */
  get concern(): StoreConcern | undefined {
    return this.#concern;
  }

  /**
   * Looks, beside what its caller does: nobody waits for it, and no failure is anybody's. Once; again at each call while
   * something is wrong, or where it couldn't be seen.
   */
  look(): void {
    if (this.#sound || this.#looking) return;
    this.#looking = true;
    void this.check({ brief: true })
      .catch(() => undefined)
      .finally(() => {
        this.#looking = false;
      });
  }

  /** The bucket's own, whose answer counts as a look. */
  async check(options: { readonly brief: boolean }): Promise<void> {
    try {
      await this.#options.bucket.check(options);
      this.#seen(undefined);
    } catch (error) {
      if (CodedError.is(error) && CONCERNS.some((code) => code === error.code)) this.#seen(error);
      throw error;
    }
  }

  #seen(error: CodedError | undefined): void {
    const { datastore, log, clock } = this.#options;
    const former = this.#concern;
    this.#sound = error === undefined;
    this.#concern = error && concernOf(error, former?.since ?? new Date(clock.now()).toISOString());
    if (this.#concern !== undefined && former?.problem !== this.#concern.problem)
      log.error("The bucket of a datastore has come to harm its disks; they go on", {
        datastore,
        ...this.#concern,
      });
    if (this.#concern === undefined && former !== undefined)
      log.info("The bucket of a datastore harms its disks no more", { datastore, since: former.since });
  }
}

const concernOf = ({ code, data }: CodedError, since: string): StoreConcern => {
  const told = CONCERNS.find((known) => known === code) ?? CONCERNS[0];
  const { message, remedy } = minioCodes[told];
  const filled = (text: string) => text.replace(/\{(\w+)\}/g, (_, name: string) => String(data[name]));
  return { since, code, problem: filled(message), remedy: filled(remedy) };
};
