/** What of a disk is under way. */
export type DiskState = "creating" | "available" | "removing";
export type EndState = "succeeded" | "failed" | "cancelled";
export type JobState = "queued" | "running" | EndState;

/**
 * The tables as the database has them, for every dialect alike: times are milliseconds since the epoch, truth is 0
 * or 1, JSON is text.
 */
export interface Tables {
  meta: { key: string; value: string };
  disk: {
    id: string;
    name: string;
    size_bytes: number;
    block_minimum: number;
    block_preferred: number;
    block_maximum: number;
    state: DiskState;
    epoch: number;
    datastore: string;
    layer: string;
    created_at: number;
    job: string | null;
  };
  job: {
    id: string;
    function: string;
    input: string;
    disks: string;
    state: JobState;
    phase: string;
    outcome: string | null;
    result: string | null;
    progress: string | null;
    report: string | null;
    created_at: number;
    started_at: number | null;
    ended_at: number | null;
    cancel_requested: number;
  };
  /** Finds the jobs of a disk. */
  job_disk: { disk: string; job: string };
  job_entry: { job: string; seq: number; state: string; data: string | null; at: number };
  job_step: { job: string; seq: number; name: string; answer: string };
  resource: {
    id: string;
    kind: string;
    ref: string;
    job: string | null;
    disk: string | null;
    created_at: number;
  };
  idempotency: {
    token: string;
    key: string;
    function: string;
    input_hash: string;
    answer: string | null;
    boot: number;
    at: number;
  };
  token: { id: string; name: string; hash: string; permissions: string; created_at: number };
  report: { id: string; job: string | null; body: string };
  /** Finds the reports of a disk. */
  report_disk: { disk: string; report: string };
  scenario_result: {
    subject: string;
    feature: string;
    rule: string;
    scenario: string;
    passed: number;
    failed: number;
    skipped: number;
    message: string | null;
    seed: number | null;
    version: string;
    feature_hash: string;
    job: string;
    at: number;
  };
}
