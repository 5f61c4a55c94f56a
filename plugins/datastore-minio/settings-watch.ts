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

/** As long counts what was seen: of a sound bucket, and of another or one that couldn't be seen. */
const SOUND_MS = 3_600_000;
const OTHERWISE_MS = 10_000;

/** Sees whether a bucket's settings have come to harm what it holds. */
export class SettingsWatch {
  readonly #options: SettingsWatchOptions;
  #concern: StoreConcern | undefined;
  /** So the last look saw it. */
  #sound = false;
  /** By the monotonic clock: when the last look began. */
  #lookedMs = Number.NEGATIVE_INFINITY;
  #begun = 0;
  /** The number of the look that was begun last of those that saw something. */
  #latest = 0;

  constructor(options: SettingsWatchOptions) {
    this.#options = options;
  }

  /** What is wrong, as of the last look. */
  get concern(): StoreConcern | undefined {
    return this.#concern;
  }

  /** Looks, beside what its caller does, unless that was done lately: nobody waits for it, and no failure is anybody's. */
  look(): void {
    const lastsMs = this.#sound ? SOUND_MS : OTHERWISE_MS;
    if (this.#options.clock.monotonicMs() - this.#lookedMs < lastsMs) return;
    void this.check({ brief: true }).catch(() => undefined);
  }

  /** The bucket's own, whose answer counts as a look: of several at once the one that was begun last. */
  async check(options: { readonly brief: boolean }): Promise<void> {
    const { bucket, clock } = this.#options;
    const number = ++this.#begun;
    this.#lookedMs = clock.monotonicMs();
    this.#sound = false;
    try {
      await bucket.check(options);
      this.#seen(number, undefined);
    } catch (error) {
      const code = CodedError.is(error) && CONCERNS.find((known) => known === error.code);
      if (code) this.#seen(number, { code, data: error.data });
      throw error;
    }
  }

  #seen(number: number, harm: Harm | undefined): void {
    if (number < this.#latest) return;
    this.#latest = number;
    const { datastore, log, clock } = this.#options;
    const former = this.#concern;
    this.#sound = harm === undefined;
    this.#concern = harm && concernOf(harm, former?.since ?? new Date(clock.now()).toISOString());
    if (this.#concern !== undefined && former?.problem !== this.#concern.problem)
      log.error("The bucket of a datastore has come to harm its disks; they go on", {
        datastore,
        ...this.#concern,
      });
    if (this.#concern === undefined && former !== undefined)
      log.info("The bucket of a datastore harms its disks no more", { datastore, since: former.since });
  }
}

interface Harm extends Pick<CodedError, "data"> {
  readonly code: (typeof CONCERNS)[number];
}

const concernOf = ({ code, data }: Harm, since: string): StoreConcern => {
  const { message, remedy } = minioCodes[code];
  const filled = (text: string) => text.replace(/\{(\w+)\}/g, (_, name: string) => String(data[name]));
  return { since, code, problem: filled(message), remedy: filled(remedy) };
};
