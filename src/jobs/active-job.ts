import type { JobRow, Store } from "../catalog/index.ts";
import type { Clock, JobContext, Json, JsonObject, Log, ResourceRef } from "../contract/index.ts";
import type { JobRunnerOptions } from "./options.ts";
import type { Probe } from "./probe.ts";

/** What a running job is given, and what the runner keeps of it meanwhile. */
export class ActiveJob implements JobContext {
  readonly id: string;
  readonly disks: readonly string[];
  readonly clock: Clock;
  readonly log: Log;
  readonly #store: Store;
  readonly #probe: Probe;
  readonly #publish: JobRunnerOptions["publish"];
  readonly #abort = new AbortController();
  readonly #compensations: (() => Promise<void>)[] = [];
  #progress: JsonObject | undefined;
  /** Resolves when the job's end is durable. */
  done: Promise<void> = Promise.resolve();

  constructor(options: {
    row: JobRow;
    store: Store;
    clock: Clock;
    log: Log;
    probe: Probe;
    publish: JobRunnerOptions["publish"];
  }) {
    this.id = options.row.id;
    this.disks = options.row.disks;
    this.clock = options.clock;
    this.log = options.log;
    this.#store = options.store;
    this.#probe = options.probe;
    this.#publish = options.publish;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get lastProgress(): JsonObject | undefined {
    return this.#progress;
  }

  cancel(reason: unknown): void {
    this.#abort.abort(reason);
  }

  async resource(resource: ResourceRef): Promise<void> {
    await this.#store.resources.record({ ...resource, job: this.id });
  }

  async step<T>(
    name: string,
    run: () => Promise<T>,
    options: { compensate?: (answer: T) => Promise<void> } = {},
  ): Promise<T> {
    await this.#probe(`${name}/before`);
    await this.#store.jobs.journal(this.id, name);
    this.#publish({ type: "job.phase-changed", job: this.id, data: { phase: name } });
    await this.#probe(`${name}/recorded`);
    const answer = await run();
    const { compensate } = options;
    if (compensate !== undefined) this.#compensations.push(() => compensate(answer));
    await this.#store.jobs.stepDone(this.id, name, (answer ?? null) as Json);
    await this.#probe(`${name}/done`);
    return answer;
  }

  progress(progress: JsonObject): void {
    this.#progress = progress;
    this.#publish({ type: "job.progressed", job: this.id, data: progress });
  }

  /** Undoes the steps taken, last first; one that can't be undone doesn't keep the others from it. */
  async compensate(): Promise<void> {
    for (const undo of this.#compensations.reverse())
      try {
        await undo();
      } catch (error) {
        this.log.warn("a step of a job could not be undone", { job: this.id, reason: String(error) });
      }
  }
}
