import { type JobRow, type KeyAnswer, newId } from "../catalog/index.ts";
import { CodedError, type Json, type JsonObject } from "../contract/index.ts";
import { task } from "../observations/index.ts";
import { ActiveJob } from "./active-job.ts";
import { JobEnding } from "./ending.ts";
import { begunJob, type JobView, jobView } from "./job-view.ts";
import type { JobFunction, JobRunnerOptions, RunnableJob } from "./options.ts";
import { Backoff, persist } from "./persist.ts";

/** Runs jobs: durable rows with a journal, one end each, also over a crash. */
export class JobRunner {
  readonly #options: JobRunnerOptions;
  readonly #ending: JobEnding;
  readonly #active = new Map<string, ActiveJob>();
  /** What only the catalog keeps from ending. */
  readonly #settling = new Set<Promise<void>>();
  readonly #stopping = new AbortController();

  constructor(options: JobRunnerOptions) {
    this.#options = options;
    this.#ending = new JobEnding({ ...options, signal: this.#stopping.signal });
  }

  /** Resolves once the job is durable and holds its disks; it goes on in the background. */
  async start(
    runnable: RunnableJob,
    input: unknown,
    options: { readonly idempotency?: Omit<KeyAnswer, "answer"> & { answerFor(view: JobView): Json } } = {},
  ): Promise<JobView> {
    const { declared } = runnable;
    const { clock, store, publish } = this.#options;
    const id = newId("job");
    const disks = await this.#diskIds(declared.disks?.(input) ?? []);
    const job = { id, function: declared.name, input: input as JsonObject, disks };
    const { idempotency } = options;
    // The answer under the key is what a repeated call gets: the job as it was when it began.
    const begun = jobView(begunJob(job, clock.now()), {});
    const inserting = store.jobs.insert(job, {
      claim: true,
      ...(idempotency && {
        idempotency: { key: idempotency.key, token: idempotency.token, answer: idempotency.answerFor(begun) },
      }),
    });
    inserting.catch((error: unknown) => {
      if (CodedError.is(error, "catalog-unavailable")) this.#disown(id);
    });
    const row = await inserting;
    publish({ type: "job.created", job: id, data: { function: declared.name } });
    this.#run(runnable, row, (active) => this.#begin(runnable, row, active));
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

  /**
   * After a crash, before anything else is done: a job past the point from which it only goes forward is taken up
   * again, every other one is rolled back and ends as interrupted. Resolves when the latter are settled. One whose
   * function is not loaded is left as it is: nobody here knows what it has done.
   */
  async recover(): Promise<void> {
    const { store, functionOf, log } = this.#options;
    for (const row of await store.jobs.unended()) {
      const runnable = functionOf(row.function);
      if (runnable === undefined)
        log.error("a job waits for the plugin that has its function", {
          job: row.id,
          function: row.function,
        });
      else if (await this.#onlyForward(row, runnable))
        this.#run(runnable, row, (active) => this.#forward(runnable, row, active));
      else await this.#ending.interrupted(row, runnable.declared);
    }
  }

  /** Cancels what runs and waits for it: what only goes forward goes on at the next start. */
  async stop(): Promise<void> {
    const reason = new CodedError("server-stopping", {});
    this.#stopping.abort(reason);
    for (const active of this.#active.values()) active.cancel(reason);
    await Promise.all([...[...this.#active.values()].map(({ done }) => done), ...this.#settling]);
  }

  #run(runnable: RunnableJob, row: JobRow, work: (active: ActiveJob) => Promise<void>): void {
    const { store, clock, log, probe, publish } = this.#options;
    const active = new ActiveJob({ row, store, clock, log, probe, publish });
    this.#active.set(row.id, active);
    active.done = work(active)
      .catch((error: unknown) =>
        log.error("a job has not ended; it is settled at the next start", {
          job: row.id,
          function: runnable.declared.name,
          reason: String(error),
        }),
      )
      .finally(() => this.#active.delete(row.id));
  }

  async #begin(runnable: RunnableJob, row: JobRow, active: ActiveJob): Promise<void> {
    const { declared, uses } = runnable;
    const { store } = this.#options;
    let result: JsonObject;
    try {
      await persist(() => store.jobs.start(row.id), this.#backoff());
      // A cancel may have come before there was anything to cancel.
      if ((await store.jobs.get(row.id))?.cancelRequested === true) await this.cancel(row.id);
      const run = () => declared.run(row.input, uses as never, active);
      result = declared.output.parse(
        await task(row.function, {}, this.#named(declared, row, run)),
      ) as JsonObject;
    } catch (error) {
      const forward = () => this.#onlyForward(row, runnable);
      if (!(await persist(forward, this.#backoff()))) return this.#ending.failed(row, active, error);
      this.#options.log.warn("a job is past its point of no return, and is finished again", {
        job: row.id,
        reason: String(error),
      });
      return this.#forward(runnable, row, active);
    }
    await this.#ending.succeeded(row, active, result);
  }

  /** Past the point of no return nothing is undone: what is left is tried until it is done, or the server stops. */
  async #forward({ declared, uses }: RunnableJob, row: JobRow, active: ActiveJob): Promise<void> {
    const backoff = this.#backoff();
    for (;;)
      try {
        const resume = async () => declared.forward?.resume(row.input, uses as never, active);
        const result = declared.output.parse(await task(row.function, {}, resume)) as JsonObject;
        await this.#ending.succeeded(row, active, result);
        return;
      } catch (error) {
        if (!(await backoff.wait())) throw error;
        this.#options.log.warn("a job could not be finished yet", { job: row.id, reason: String(error) });
      }
  }

  /** The failure by the name that the function has for it. */
  #named<T>(declared: JobFunction, row: JobRow, run: () => Promise<T>): () => Promise<T> {
    return async () => {
      try {
        return await run();
      } catch (error) {
        throw declared.failure?.(row.input, error) ?? error;
      }
    };
  }

  async #onlyForward(row: JobRow, { declared }: RunnableJob): Promise<boolean> {
    const from = declared.forward?.from;
    return (await this.#options.store.jobs.entries(row.id)).some(({ state }) => state === from);
  }

  /** Nobody was told of this job: if it was made all the same, it ends. */
  #disown(id: string): void {
    const end = { state: "failed", outcome: { code: "interrupted" } } as const;
    const settled = persist(() => this.#options.store.jobs.end(id, end), this.#backoff()).catch(
      () => undefined,
    );
    this.#settling.add(settled);
    void settled.finally(() => this.#settling.delete(settled));
  }

  #backoff(): Backoff {
    return new Backoff(this.#options.clock, this.#stopping.signal);
  }

  async #diskIds(names: readonly string[]): Promise<readonly string[]> {
    const rows = await Promise.all(names.map((name) => this.#options.store.disks.find(name)));
    return rows.map((row, index) => {
      if (row === undefined) throw new CodedError("disk-not-found", { disk: names[index] as string });
      return row.id;
    });
  }
}
