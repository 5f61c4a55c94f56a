import { newId, type Store } from "../catalog/index.ts";
import type { Clock, ErrorSink, Log, Metrics } from "../contract/index.ts";
import { type Codebook, observationOf, reportOf } from "../observations/index.ts";
import { SinkQueue } from "./sink-queue.ts";

/** A failure that reached the top. */
export interface ReportedFailure {
  readonly task: string;
  readonly job?: string;
  /** Ids. */
  readonly disks: readonly string[];
  readonly error: unknown;
}

/** Keeps every report in the catalog and sends it to the sinks, for which nobody waits. */
export class Reports {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #codebook: Codebook;
  readonly #queues: readonly SinkQueue[];

  constructor(options: {
    store: Store;
    clock: Clock;
    log: Log;
    metrics: Metrics;
    codebook: Codebook;
    sinks: readonly ErrorSink[];
  }) {
    const { clock, log, metrics } = options;
    this.#store = options.store;
    this.#clock = clock;
    this.#codebook = options.codebook;
    const lost = metrics.counter("pagurus_reports_lost_total", "Reports that a sink did not take", ["sink"]);
    this.#queues = options.sinks.map(
      (sink) => new SinkQueue(sink, { clock, log, lost: () => lost.add(1, { sink: sink.id }) }),
    );
  }

  /** Answers the report's id. */
  async record({ error, ...failure }: ReportedFailure): Promise<string> {
    const observation = observationOf(error);
    const report = reportOf(
      { ...failure, id: newId("rep"), at: this.#clock.now(), observation },
      this.#codebook,
    );
    await this.#store.reports.insert(report);
    for (const queue of this.#queues) queue.take(report);
    return report.id;
  }

  /** Waits, for a while, until the sinks have what came. */
  async stop(): Promise<void> {
    await Promise.all(this.#queues.map((queue) => queue.stop()));
  }
}
