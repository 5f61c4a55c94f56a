import type { Transaction } from "kysely";
import type { Clock, Json, JsonObject } from "../contract/index.ts";
import { claimDisks, releaseDisks } from "./claims.ts";
import { answerKey, type KeyAnswer } from "./idempotency-table.ts";
import { type JobEnd, type JobRow, jobRow, type NewJob, UNENDED } from "./job-row.ts";
import { appendEntry, demandUnended } from "./journal.ts";
import { fromNullableText, fromText, toText } from "./json-text.ts";
import { type Page, type PageOptions, pageOf, rowsFor } from "./page.ts";
import type { Session } from "./session.ts";
import type { EndState, JobState, Tables } from "./tables.ts";

/** One line of a job's journal. */
export interface JobEntry {
  /** 1, 2, 3 … within the job. */
  readonly seq: number;
  readonly state: string;
  readonly data: JsonObject | null;
  readonly at: number;
}

export interface JobStep {
  readonly name: string;
  readonly answer: Json;
}

/** Jobs with their journals, which only grow. */
export class JobTable {
  readonly #session: Session;
  readonly #clock: Clock;

  constructor(session: Session, clock: Clock) {
    this.#session = session;
    this.#clock = clock;
  }

  /**
   * In state `queued`. In the same transaction `claim` gives it its disks, as `DiskTable.claim` does, and
   * `idempotency` answers the key of the call that made it.
   */
  insert(
    job: NewJob,
    options: { readonly claim?: boolean; readonly idempotency?: KeyAnswer } = {},
  ): Promise<JobRow> {
    const { id, function: name, input, disks } = job;
    return this.#session.write(async (trx) => {
      const row = {
        ...{ id, function: name, input: JSON.stringify(input), disks: JSON.stringify(disks) },
        ...{ state: "queued" as const, phase: "", cancel_requested: 0 },
        ...{ outcome: null, result: null, progress: null, report: null },
        ...{ created_at: this.#clock.now(), started_at: null, ended_at: null },
      };
      await trx.insertInto("job").values(row).execute();
      for (const disk of new Set(disks)) await trx.insertInto("job_disk").values({ disk, job: id }).execute();
      if (options.claim) await claimDisks(trx, disks, id);
      if (options.idempotency) await answerKey(trx, options.idempotency);
      return jobRow(row);
    });
  }

  /** It runs; one that is taken up again keeps the time of its first start. `job-not-found`, `job-ended`. */
  start(id: string): Promise<void> {
    return this.#session.write(async (trx) => {
      await demandUnended(trx, id);
      await trx
        .updateTable("job")
        .set({ state: "running", started_at: this.#clock.now() })
        .where("id", "=", id)
        .where("state", "=", "queued")
        .execute();
    });
  }

  /** Appends an entry, whose state becomes the job's phase; durable when it resolves. `job-not-found`, `job-ended`. */
  journal(id: string, state: string, data?: JsonObject): Promise<void> {
    const entry = { job: id, state, at: this.#clock.now(), ...(data && { data }) };
    return this.#session.write((trx) => appendEntry(trx, entry));
  }

  /** Changes what the job was asked for; durable when it resolves. `job-not-found`, `job-ended`. */
  amend(id: string, change: (job: JobRow) => object): Promise<void> {
    return this.#session.write(async (trx) => {
      await demandUnended(trx, id);
      const row = await trx.selectFrom("job").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
      const input = JSON.stringify(change(jobRow(row)));
      await trx.updateTable("job").set({ input }).where("id", "=", id).execute();
    });
  }

  entries(id: string): Promise<readonly JobEntry[]> {
    return this.#session.read(
      (db) =>
        db
          .selectFrom("job_entry")
          .select(["seq", "state", "data", "at"])
          .where("job", "=", id)
          .orderBy("seq")
          .execute(),
      (rows) => rows.map(({ data, ...row }) => ({ ...row, data: fromNullableText<JsonObject>(data) })),
    );
  }

  /** Keeps the wish; whoever runs the job must be told besides. `job-not-found`, `job-ended`. */
  requestCancel(id: string): Promise<void> {
    return this.#session.write(async (trx) => {
      await demandUnended(trx, id);
      await trx.updateTable("job").set({ cancel_requested: 1 }).where("id", "=", id).execute();
    });
  }

  /**
   * Ends it and releases its disks. The first end stays: the same state again changes nothing, so that an end whose
   * answer was lost can be repeated; another one is refused with `job-ended`. `job-not-found`.
   */
  end(id: string, end: JobEnd): Promise<void> {
    return this.#session.write(async (trx) => {
      if (await endedAs(trx, id, end.state)) return;
      await demandUnended(trx, id);
      await trx
        .updateTable("job")
        .set({
          state: end.state,
          outcome: toText(end.outcome),
          result: toText(end.result),
          progress: toText(end.progress),
          report: end.report ?? null,
          ended_at: this.#clock.now(),
        })
        .where("id", "=", id)
        .execute();
      await releaseDisks(trx, id);
    });
  }

  get(id: string): Promise<JobRow | undefined> {
    return this.#session.read(
      (db) => db.selectFrom("job").selectAll().where("id", "=", id).executeTakeFirst(),
      (row) => row && jobRow(row),
    );
  }

  /** Newest first. `disk` is an id. */
  list(
    options: PageOptions & {
      readonly function?: string;
      readonly disk?: string;
      readonly state?: JobState;
    } = {},
  ): Promise<Page<JobRow>> {
    const { after, disk, function: name, state } = options;
    return this.#session.read(
      (db) =>
        db
          .selectFrom("job")
          .selectAll()
          .where((where) => where.and({ ...(name && { function: name }), ...(state && { state }) }))
          .$if(after !== undefined, (query) => query.where("id", "<", after ?? ""))
          .$if(disk !== undefined, (query) =>
            query.where("id", "in", (jobs) =>
              jobs
                .selectFrom("job_disk")
                .select("job")
                .where("disk", "=", disk ?? ""),
            ),
          )
          .orderBy("id", "desc")
          .limit(rowsFor(options))
          .execute(),
      (rows) => pageOf(rows, options, { item: jobRow, cursor: ({ id }) => id }),
    );
  }

  /** Those that a crash may have left; oldest first. */
  unended(): Promise<readonly JobRow[]> {
    return this.#session.read(
      (db) => db.selectFrom("job").selectAll().where("state", "in", UNENDED).orderBy("id").execute(),
      (rows) => rows.map(jobRow),
    );
  }

  /** Keeps the answer of a step; done again, its first answer stays. `job-not-found`, `job-ended`. */
  stepDone(job: string, name: string, answer: Json): Promise<void> {
    return this.#session.write(async (trx) => {
      await demandUnended(trx, job);
      const done = await trx.selectFrom("job_step").select("name").where("job", "=", job).execute();
      if (done.some((step) => step.name === name)) return;
      await trx
        .insertInto("job_step")
        .values({ job, seq: done.length + 1, name, answer: JSON.stringify(answer) })
        .execute();
    });
  }

  /** In the order in which they were done. */
  steps(job: string): Promise<readonly JobStep[]> {
    return this.#session.read(
      (db) =>
        db.selectFrom("job_step").select(["name", "answer"]).where("job", "=", job).orderBy("seq").execute(),
      (rows) => rows.map(({ name, answer }) => ({ name, answer: fromText<Json>(answer) })),
    );
  }
}

const endedAs = async (trx: Transaction<Tables>, id: string, state: EndState): Promise<boolean> =>
  (await trx
    .selectFrom("job")
    .select("id")
    .where((where) => where.and({ id, state }))
    .executeTakeFirst()) !== undefined;
