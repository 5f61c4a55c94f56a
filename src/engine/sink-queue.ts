import {
  type Clock,
  CodedError,
  type ErrorSink,
  type Log,
  type Report,
  reasonOf,
} from "../contract/index.ts";

/** Reports that wait for a sink; further ones are lost to it. */
export const MAX_WAITING = 1000;
/** What one delivery may take. */
const DELIVERY_MS = 10_000;
/** What a stop waits for all that are under way. */
const DRAIN_MS = 5000;

export interface SinkQueueOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Counts a report that didn't arrive. */
  readonly lost: () => void;
}

/** Hands reports to one sink, one at a time and in order: whatever the sink does, nobody waits for it. */
export class SinkQueue {
  readonly #sink: ErrorSink;
  readonly #options: SinkQueueOptions;
  readonly #waiting: Report[] = [];
  readonly #givenUp = new AbortController();
  #handing: Promise<void> | undefined;

  constructor(sink: ErrorSink, options: SinkQueueOptions) {
    this.#sink = sink;
    this.#options = options;
  }

  take(report: Report): void {
    if (this.#waiting.length >= MAX_WAITING) {
      this.#lose(report, `${MAX_WAITING} others wait for it`);
      return;
    }
    this.#waiting.push(report);
    this.#handing ??= this.#handOver();
  }

  /** Waits for what is under way, for a while; the rest is lost. */
  async stop(): Promise<void> {
    const cancel = this.#options.clock.after(DRAIN_MS, () => this.#givenUp.abort(this.#late(DRAIN_MS)));
    await this.#handing;
    cancel();
  }

  async #handOver(): Promise<void> {
    for (let report = this.#waiting.shift(); report !== undefined; report = this.#waiting.shift())
      try {
        this.#givenUp.signal.throwIfAborted();
        await this.#deliver(report);
      } catch (reason) {
        this.#lose(report, reasonOf(reason));
      }
    this.#handing = undefined;
  }

  async #deliver(report: Report): Promise<void> {
    const overdue = new AbortController();
    const cancel = this.#options.clock.after(DELIVERY_MS, () => overdue.abort(this.#late(DELIVERY_MS)));
    const signal = AbortSignal.any([overdue.signal, this.#givenUp.signal]);
    try {
      const delivered = this.#sink.deliver(report, { signal });
      if (delivered !== undefined) await Promise.race([delivered, fired(signal)]);
    } finally {
      cancel();
    }
  }

  #late(timeoutMs: number): CodedError {
    return new CodedError("report-delivery-timeout", { sink: this.#sink.id, timeoutMs });
  }

  #lose({ id }: Report, reason: string): void {
    const { log, lost } = this.#options;
    lost();
    log.warn("a sink did not take a report", { sink: this.#sink.id, report: id, reason });
  }
}

/** Fails with the signal's reason when it fires. */
const fired = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) =>
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true }),
  );
