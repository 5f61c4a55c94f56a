import { newId, type Store } from "../catalog/index.ts";
import { type Clock, type ErrorSink, type Log, reasonOf } from "../contract/index.ts";
import { type Codebook, observationOf, reportOf } from "../observations/index.ts";

/** A failure that reached the top. */
export interface ReportedFailure {
  readonly task: string;
  readonly job?: string;
  /** Ids. */
  readonly disks: readonly string[];
  readonly error: unknown;
}

/** Keeps every report in the catalog and sends it to the sinks. A sink that fails changes nothing else. */
export class Reports {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #codebook: Codebook;
  readonly #sinks: readonly ErrorSink[];

  constructor(options: {
    store: Store;
    clock: Clock;
    log: Log;
    codebook: Codebook;
    sinks: readonly ErrorSink[];
  }) {
    this.#store = options.store;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#codebook = options.codebook;
    this.#sinks = options.sinks;
  }

  /** Answers the report's id. */
  async record({ error, ...failure }: ReportedFailure): Promise<string> {
    const observation = observationOf(error);
    const report = reportOf(
      { ...failure, id: newId("rep"), at: this.#clock.now(), observation },
      this.#codebook,
    );
    await this.#store.reports.insert(report);
    for (const sink of this.#sinks)
      try {
        await sink.deliver(report);
      } catch (reason) {
        this.#log.warn("a sink did not take a report", {
          sink: sink.id,
          report: report.id,
          reason: reasonOf(reason),
        });
      }
    return report.id;
  }
}
