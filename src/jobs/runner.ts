import type { JobRow, KeyAnswer, Store } from "../catalog/index.ts";
import { newId } from "../catalog/index.ts";
import {
  type Clock,
  CodedError,
  type Json,
  type JsonObject,
  type Log,
  type PluginFunction,
  type ResourceRef,
} from "../contract/index.ts";
import { observationOf, rootOf, task } from "../observations/index.ts";
import { ActiveJob } from "./active-job.ts";
import { type JobView, jobView } from "./job-view.ts";
import type { Probe } from "./probe.ts";

export type JobFunction = Extract<PluginFunction, { kind: "job" }>;

/** A function whose `uses` are resolved already. */
export interface RunnableJob {
  readonly declared: JobFunction;
  readonly uses: Readonly<Record<string, unknown>>;
}

export interface JobRunnerOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly probe: Probe;
  /** The function of a job in the catalog; `undefined` where its plugin is no longer loaded. */
  readonly functionOf: (name: string) => RunnableJob | undefined;
  /** Removes what a job has left behind; rejects where that can't be done now. */
  readonly removeResource: (resource: ResourceRef) => Promise<void>;
  readonly publish: (event: { type: string; job: string; data?: JsonObject }) => void;
  /** Keeps and delivers the report of a failure; answers its id. */
  readonly report: (failure: {
    task: string;
    job: string;
    disks: readonly string[];
    error: unknown;
  }) => Promise<string>;
}

/** Runs jobs: durable rows with a journal, one end each, also over a crash. */
export class JobRunner {
  readonly #options: JobRunnerOptions;
  readonly #active = new Map<string, ActiveJob>();

  constructor(options: JobRunnerOptions) {
    this.#options = options;
  }

  /** Resolves once the job is durable and holds its disks; it goes on in the background. */
  async start(
    runnable: RunnableJob,
    input: unknown,
    options: { readonly idempotency?: Omit<KeyAnswer, "answer"> & { answerFor(view: JobView): Json } } = {},
  ): Promise<JobView> {
    const { declared } = runnable;
    const id = newId("job");
    const disks = await this.#diskIds(declared.disks?.(input) ?? []);
    const job = { id, function: declared.name, input: input as JsonObject, disks };
    const { idempotency } = options;
    // The answer under the key is what a repeated call gets: the job as it was when it began.
    const begun = jobView(this.#begun(job), {});
    const row = await this.#options.store.jobs.insert(job, {
      claim: true,
      ...(idempotency && {
        idempotency: { key: idempotency.key, token: idempotency.token, answer: idempotency.answerFor(begun) },
      }),
    });
    this.#run(
      runnable,
      row,
      (active) => declared.run(input, runnable.uses as never, active) as Promise<JsonObject>,
    );
    return jobView(row, {});
  }

  /** `job-not-found`, `job-ended`. A cancel that comes after the commit leaves the job to succeed. */
  async cancel(id: string): Promise<void> {
    await this.#options.store.jobs.requestCancel(id);
    this.#active.get(id)?.cancel(new CodedError("cancelled", { what: `Job ${id}` }));
  }

  async show(id: string): Promise<JobView> {
    const { jobs, reports } = this.#options.store;
    const row = await jobs.get(id);
    if (row === undefined) throw new CodedError("job-not-found", { job: id });
    const report = row.report === null ? undefined : await reports.get(row.report);
    return jobView(row, { progress: this.#active.get(id)?.lastProgress, report });
  }

  /** Resolves when the job has ended and its end is durable. */
  async ended(id: string): Promise<void> {
    await this.#active.get(id)?.done;
  }

  /**
   * After a crash, before anything else is done: a job past the point from which it only goes forward is taken up
   * again, every other one is rolled back and ends as interrupted. Resolves when the latter are settled.
   */
  async recover(): Promise<void> {
    for (const row of await this.#options.store.jobs.unended()) {
      const runnable = this.#options.functionOf(row.function);
      const forward = runnable?.declared.forward;
      if (runnable !== undefined && forward !== undefined && (await this.#onlyForward(row)))
        this.#run(
          runnable,
          row,
          (active) => forward.resume(row.input, runnable.uses as never, active) as Promise<JsonObject>,
        );
      else await this.interrupt(row, "the server");
    }
  }

  /** Ends a job that nobody runs any more. */
  async interrupt(row: JobRow, what: string): Promise<void> {
    const error = new CodedError("interrupted", { job: row.id, what });
    await this.#removeResources(row);
    const report = await this.#options.report({ task: row.function, job: row.id, disks: row.disks, error });
    await this.#end(row, { state: "failed", outcome: { code: "interrupted" }, report }, undefined);
  }

  /** Cancels what runs and waits for it: what only goes forward goes on at the next start. */
  async stop(): Promise<void> {
    for (const active of this.#active.values()) active.cancel(new CodedError("server-stopping", {}));
    await Promise.all([...this.#active.values()].map(({ done }) => done));
  }

  async #onlyForward(row: JobRow): Promise<boolean> {
    const from = this.#options.functionOf(row.function)?.declared.forward?.from;
    return (await this.#options.store.jobs.entries(row.id)).some(({ state }) => state === from);
  }

  #run(runnable: RunnableJob, row: JobRow, work: (active: ActiveJob) => Promise<JsonObject>): void {
    const { store, clock, log, probe, publish } = this.#options;
    const active = new ActiveJob({ row, store, clock, log, probe, publish });
    this.#active.set(row.id, active);
    active.done = this.#perform(runnable, row, active, work).finally(() => this.#active.delete(row.id));
  }

  async #perform(
    runnable: RunnableJob,
    row: JobRow,
    active: ActiveJob,
    work: (active: ActiveJob) => Promise<JsonObject>,
  ): Promise<void> {
    try {
      await this.#options.store.jobs.start(row.id);
      const result = await task(row.function, row.input, () => work(active));
      const parsed = runnable.declared.output.parse(result) as JsonObject;
      const cancelled = (await this.#options.store.jobs.get(row.id))?.cancelRequested === true;
      await this.#end(
        row,
        { state: "succeeded", outcome: { code: cancelled ? "cancel-too-late" : "ok" }, result: parsed },
        active,
      );
    } catch (error) {
      await this.#failed(row, active, error).catch((unsettled: unknown) =>
        this.#options.log.error("a job could not be ended in the catalog; it is at the next start", {
          job: row.id,
          reason: String(unsettled),
        }),
      );
    }
  }

  async #failed(row: JobRow, active: ActiveJob, error: unknown): Promise<void> {
    // Past the point of no return nothing is undone: what is left is done when the server starts next.
    if (await this.#onlyForward(row)) throw error;
    await active.compensate();
    await this.#removeResources(row);
    const { code } = rootOf(observationOf(error));
    if (code === "cancelled") {
      await this.#end(row, { state: "cancelled", outcome: { code } }, active);
      return;
    }
    const outcome = { code: code === "server-stopping" ? "interrupted" : code };
    const report = await this.#options.report({ task: row.function, job: row.id, disks: row.disks, error });
    await this.#end(row, { state: "failed", outcome, report }, active);
  }

  async #end(
    row: JobRow,
    end: Parameters<Store["jobs"]["end"]>[1],
    active: ActiveJob | undefined,
  ): Promise<void> {
    await this.#options.probe("ended/before");
    await this.#options.store.jobs.end(row.id, { ...end, progress: active?.lastProgress ?? null });
    this.#options.publish({
      type: "job.ended",
      job: row.id,
      data: { state: end.state, outcome: end.outcome ?? null },
    });
  }

  /** What can't be removed now stays in the catalog and is tried again at the next start. */
  async #removeResources(row: JobRow): Promise<void> {
    const { resources } = this.#options.store;
    for (const { id, kind, ref } of await resources.list({ job: row.id }))
      try {
        await this.#options.removeResource({ kind, ref });
        await resources.forget(id);
      } catch (error) {
        this.#options.log.warn("a resource could not be removed; it is tried again at the next start", {
          job: row.id,
          kind,
          ref,
          reason: String(error),
        });
      }
  }

  async #diskIds(names: readonly string[]): Promise<readonly string[]> {
    const rows = await Promise.all(names.map((name) => this.#options.store.disks.find(name)));
    return rows.map((row, index) => {
      if (row === undefined) throw new CodedError("disk-not-found", { disk: names[index] as string });
      return row.id;
    });
  }

  #begun(job: { id: string; function: string; input: JsonObject; disks: readonly string[] }): JobRow {
    const createdAt = this.#options.clock.now();
    return {
      ...job,
      state: "queued",
      phase: "",
      outcome: null,
      result: null,
      progress: null,
      report: null,
      createdAt,
      startedAt: null,
      endedAt: null,
      cancelRequested: false,
    };
  }
}
