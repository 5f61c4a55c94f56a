import { type Clock, CodedError } from "pagurus";
import type { Outages, Waiting } from "./outages.ts";

const FIRST_DELAY_MS = 50;
/** Short: whoever waits for a store that has come back is a guest. */
const MAX_DELAY_MS = 1000;
/** What a server may ask for with `Retry-After`. */
const MAX_ASKED_DELAY_MS = 10_000;

/** What one attempt came to. */
export type Attempted<T> =
  | { readonly kind: "done"; readonly value: T }
  /** It may succeed later, with nothing changed by the caller. */
  | { readonly kind: "again"; readonly reason: string; readonly delayMs?: number }
  /** Waiting doesn't mend it. */
  | { readonly kind: "refused"; readonly error: Error };

/** How long an attempt may take at most, and where it tells that bytes move. */
export interface AttemptLimits {
  readonly leftMs: number;
  readonly waiting: Waiting;
}

export interface RetryOptions {
  readonly signal?: AbortSignal | undefined;
  /** Instead of the store's. */
  readonly deadlineMs?: number | undefined;
}

/** Repeats what comes to nothing, with growing pauses of which no two are alike. */
export class Retries {
  readonly #clock: Clock;
  readonly #outages: Outages;
  readonly #deadlineMs: number;
  readonly #unavailable: (reason: string) => CodedError;
  readonly #random: () => number;
  readonly #endpoint: string;
  #stops = 0;

  constructor(options: {
    readonly datastore: string;
    readonly endpoint: string;
    readonly clock: Clock;
    readonly outages: Outages;
    /** Absent: for ever. */
    readonly deadlineMs?: number | undefined;
    readonly random?: () => number;
  }) {
    const { datastore, endpoint } = options;
    this.#endpoint = endpoint;
    this.#clock = options.clock;
    this.#outages = options.outages;
    this.#deadlineMs = options.deadlineMs ?? Number.POSITIVE_INFINITY;
    this.#random = options.random ?? Math.random;
    this.#unavailable = (reason) =>
      new CodedError("datastore-unavailable", {
        datastore,
        reason: `${endpoint} does not answer: ${reason}`,
      });
  }

  /** The value of the first attempt that has one. Attempts never overlap. */
  async run<T>(
    attempt: (limits: AttemptLimits) => Promise<Attempted<T>>,
    { signal, deadlineMs = this.#deadlineMs }: RetryOptions = {},
  ): Promise<T> {
    const endMs = this.#clock.monotonicMs() + deadlineMs;
    const stops = this.#stops;
    const waiting = this.#outages.begin();
    try {
      for (let failures = 0, reason = ""; ; failures++) {
        signal?.throwIfAborted();
        const outcome = await attempt({ leftMs: endMs - this.#clock.monotonicMs(), waiting });
        if (outcome.kind !== "done") signal?.throwIfAborted();
        if (outcome.kind !== "again") waiting.answered();
        if (outcome.kind === "done") return outcome.value;
        if (outcome.kind === "refused") throw outcome.error;
        if (stops !== this.#stops)
          throw new CodedError("call-interrupted", { function: `a request to ${this.#endpoint}` });
        const leftMs = endMs - this.#clock.monotonicMs();
        // One that the deadline cut short says less than the one before.
        reason = (leftMs <= 0 && reason) || outcome.reason;
        waiting.failed(reason);
        const delayMs = this.#delayMs(failures, outcome.delayMs);
        if (leftMs <= delayMs) throw this.#unavailable(reason);
        if (delayMs > 0) await this.#clock.sleep(delayMs, signal);
      }
    } finally {
      waiting.left();
    }
  }

  /** What is under way is not tried again. */
  stop(): void {
    this.#stops += 1;
  }

  #delayMs(failures: number, asked: number | undefined): number {
    if (asked !== undefined) return Math.min(asked, MAX_ASKED_DELAY_MS);
    const highest = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(failures, 10));
    return highest * (0.5 + this.#random() / 2);
  }
}
