import type { JobRow, Store } from "../catalog/index.ts";
import { CodedError, type JsonObject } from "../contract/index.ts";
import { observationOf } from "../observations/index.ts";
import type { ActiveJob } from "./active-job.ts";
import type { JobFunction, JobRunnerOptions } from "./options.ts";
import { outcomeOf } from "./outcome.ts";
import { Backoff, persist } from "./persist.ts";

type End = Parameters<Store["jobs"]["end"]>[1];

/** How jobs end: once each, durably, with what they left behind removed and their failure reported. */
export class JobEnding {
  readonly #options: JobRunnerOptions & { readonly signal: AbortSignal };

  constructor(options: JobRunnerOptions & { readonly signal: AbortSignal }) {
    this.#options = options;
  }

  async succeeded(row: JobRow, active: ActiveJob, result: JsonObject): Promise<void> {
    const { jobs } = this.#options.store;
    const progress = { ...active.lastProgress, phase: "ended", percent: 100 };
    await this.#options.probe("ended/before");
    const cancelled = await this.#persist(async () => (await jobs.get(row.id))?.cancelRequested === true);
    const outcome = { code: cancelled ? "cancel-too-late" : "ok" };
    await this.#end(row, { state: "succeeded", outcome, result, progress });
  }

  /** Undoes what the job did, then says so. */
  async failed(row: JobRow, active: ActiveJob, error: unknown): Promise<void> {
    await active.compensate();
    await this.#removeResources(row);
    const outcome = outcomeOf(observationOf(error));
    const progress = active.lastProgress ?? null;
    await this.#options.probe("ended/before");
    if (outcome.code === "cancelled") return this.#end(row, { state: "cancelled", outcome, progress });
    const report = await this.#report(row, error);
    await this.#end(row, { state: "failed", outcome, report, progress });
  }

  /** A job that nobody runs any more, after a crash. */
  async interrupted(row: JobRow, { failure }: JobFunction): Promise<void> {
    const cause = new CodedError("interrupted", { job: row.id, what: "the server" });
    await this.#removeResources(row);
    const report = await this.#report(row, failure?.(row.input, cause) ?? cause);
    await this.#options.probe("ended/before");
    await this.#end(row, { state: "failed", outcome: { code: "interrupted" }, report });
  }

  #report(row: JobRow, error: unknown): Promise<string> {
    const { id: job, disks, function: task } = row;
    return this.#persist(() => this.#options.report({ task, job, disks, error }));
  }

  async #end(row: JobRow, end: End): Promise<void> {
    await this.#persist(() => this.#options.store.jobs.end(row.id, end));
    const data = { state: end.state, outcome: end.outcome ?? null };
    this.#options.publish({ type: "job.ended", job: row.id, data });
  }

  /** What can't be removed now stays in the catalog and is tried again, at the next start at the latest. */
  async #removeResources(row: JobRow): Promise<void> {
    const { resources } = this.#options.store;
    for (const resource of await this.#persist(() => resources.list({ job: row.id })))
      try {
        await this.#options.removeResource(resource);
      } catch (error) {
        this.#options.log.warn("a resource could not be removed; it is tried again", {
          job: row.id,
          kind: resource.kind,
          ref: resource.ref,
          reason: String(error),
        });
      }
  }

  #persist<T>(work: () => Promise<T>): Promise<T> {
    return persist(work, new Backoff(this.#options.clock, this.#options.signal));
  }
}
