import type { Selectable } from "kysely";
import type { JsonObject } from "../contract/index.ts";
import { fromNullableText, fromText } from "./json-text.ts";
import type { EndState, JobState, Tables } from "./tables.ts";

export interface NewJob {
  readonly id: string;
  /** The function that it runs. */
  readonly function: string;
  readonly input: JsonObject;
  /** The ids of the disks that it works on. */
  readonly disks: readonly string[];
}

/** Why a job ended as it did, and what its caller can go by where the code says that there is something. */
export type JobOutcome = { readonly code: string; readonly data?: JsonObject };

/** How a job ended. */
export interface JobEnd {
  readonly state: EndState;
  readonly outcome?: JobOutcome | null;
  readonly result?: JsonObject | null;
  readonly progress?: JsonObject | null;
  /** The id of the report that says why. */
  readonly report?: string | null;
}

/** A job; times are milliseconds since the epoch. */
export interface JobRow extends NewJob, Required<Omit<JobEnd, "state">> {
  readonly state: JobState;
  /** The state of the last entry of its journal; empty before the first. */
  readonly phase: string;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly cancelRequested: boolean;
}

/** What a job that has not ended can be. */
export const UNENDED = ["queued", "running"] as const satisfies JobState[];

export const hasEnded = ({ state }: { readonly state: JobState }): boolean =>
  !UNENDED.some((unended) => unended === state);

export const jobRow = (row: Selectable<Tables["job"]>): JobRow => ({
  id: row.id,
  function: row.function,
  input: fromText<JsonObject>(row.input),
  disks: fromText<readonly string[]>(row.disks),
  state: row.state,
  phase: row.phase,
  outcome: fromNullableText<JobOutcome>(row.outcome),
  result: fromNullableText<JsonObject>(row.result),
  progress: fromNullableText<JsonObject>(row.progress),
  report: row.report,
  createdAt: row.created_at,
  startedAt: row.started_at,
  endedAt: row.ended_at,
  cancelRequested: row.cancel_requested === 1,
});
