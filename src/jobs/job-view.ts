import type { JobRow, NewJob } from "../catalog/index.ts";
import { type JsonObject, type Report, z } from "../contract/index.ts";

/** What every job shows, whatever it does; its function's output comes beside these once it has succeeded. */
export const viewFields = {
  id: z.string(),
  function: z.string(),
  state: z.enum(["queued", "running", "succeeded", "failed", "cancelled"]),
  phase: z.string().describe("as last journalled"),
  outcome: z
    .object({
      code: z.string(),
      data: z
        .record(z.string(), z.json())
        .optional()
        .describe(
          "of `not-converging`: what was tried, and what would have worked; of `scenarios-failed`: how many",
        ),
    })
    .nullable()
    .describe("why it ended as it did"),
  input: z
    .record(z.string(), z.json())
    .describe("as it was given, with its defaults, and as it was adjusted since"),
  disks: z.array(z.string()).describe("ids of the disks that it holds or held"),
  cancelRequested: z.boolean(),
  progress: z.record(z.string(), z.json()).nullable(),
  report: z.record(z.string(), z.json()).nullable().describe("the chain of causes of a job that failed"),
  createdAt: z.string(),
  startedAt: z.string().nullable(),
  endedAt: z.string().nullable(),
};
export type JobView = JsonObject & { readonly id: string };

const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

/** A job as callers see it. */
export function jobView(
  row: JobRow,
  live: { progress?: JsonObject | undefined; report?: Report | undefined },
): JobView {
  return {
    ...row.result,
    id: row.id,
    function: row.function,
    state: row.state,
    phase: row.phase,
    outcome: row.outcome,
    input: row.input,
    disks: row.disks,
    cancelRequested: row.cancelRequested,
    progress: live.progress ?? row.progress,
    report: (live.report as unknown as JsonObject | undefined) ?? null,
    createdAt: iso(row.createdAt),
    startedAt: iso(row.startedAt),
    endedAt: iso(row.endedAt),
  };
}

/** The row that making the job leaves. */
export const begunJob = (job: NewJob, createdAt: number): JobRow => ({
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
});
