import type { JsonObject, Metrics } from "../contract/index.ts";

/** Counts what the control plane publishes: what happened since the server started, for `/metrics`. */
export function eventCounts(metrics: Metrics): (event: { type: string; data?: JsonObject }) => void {
  const jobs = metrics.counter("pagurus_jobs_ended_total", "Jobs that have ended, by how", ["state"]);
  const switched = metrics.counter("pagurus_disks_switched_over_total", "Switch-overs of disks");
  const unavailable = metrics.counter(
    "pagurus_disks_unavailable_total",
    "Times that a disk could not be opened",
  );
  return ({ type, data = {} }) => {
    if (type === "job.ended") jobs.add(1, { state: String(data["state"]) });
    else if (type === "disk.switched-over") switched.add(1);
    else if (type === "disk.unavailable") unavailable.add(1);
  };
}
