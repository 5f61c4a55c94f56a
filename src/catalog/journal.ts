import type { Transaction } from "kysely";
import { CodedError, type JsonObject } from "../contract/index.ts";
import { hasEnded } from "./job-row.ts";
import { toText } from "./json-text.ts";
import type { Tables } from "./tables.ts";

/** `job-not-found`, `job-ended`. */
export const demandUnended = async (trx: Transaction<Tables>, job: string): Promise<void> => {
  const row = await trx.selectFrom("job").select("state").where("id", "=", job).executeTakeFirst();
  if (!row) throw new CodedError("job-not-found", { job });
  if (hasEnded(row)) throw new CodedError("job-ended", { job, state: row.state });
};

/** A line that a job's journal is to get. */
export interface NewEntry {
  readonly job: string;
  readonly state: string;
  readonly data?: JsonObject;
}

/** Appends to a job's journal in the caller's transaction; the state becomes the job's phase. */
export const appendEntry = async (
  trx: Transaction<Tables>,
  entry: NewEntry & { readonly at: number },
): Promise<void> => {
  const { job, state, data, at } = entry;
  await demandUnended(trx, job);
  const last = await trx
    .selectFrom("job_entry")
    .select((row) => row.fn.max("seq").as("seq"))
    .where("job", "=", job)
    .executeTakeFirst();
  const seq = (last?.seq ?? 0) + 1;
  await trx
    .insertInto("job_entry")
    .values({ job, seq, state, data: toText(data), at })
    .execute();
  await trx.updateTable("job").set({ phase: state }).where("id", "=", job).execute();
};
