import { defineCodes } from "./code.ts";

/** Jobs and migrations. */
export const jobCodes = defineCodes({
  "job-not-found": { kind: "not-found", message: "There is no job {job}", remedy: "See `pagurus jobs list`" },
  "job-ended": { kind: "conflict", message: "The job {job} has ended already, as {state}" },
  "report-not-found": {
    kind: "not-found",
    message: "There is no report {report}",
    remedy: "See `pagurus reports list`",
  },
  "migration-failed": {
    kind: "internal",
    message: "Moving {disks} to {to} failed",
    remedy: "Nothing was changed: the guests go on where they were",
    wrapper: true,
  },
  "migration-same-datastore": {
    kind: "conflict",
    message: "The disk {disk} is in the datastore {datastore} already",
    remedy: "Choose another datastore",
  },
  "migration-running": {
    kind: "conflict",
    message: "The disk {disk} is held by job {job}, which moves, imports or exports it",
    remedy: "Wait for it with `pagurus jobs watch {job}`, or cancel it",
    retryable: true,
  },
  "disk-too-large-to-move": {
    kind: "bad-input",
    message:
      "The disk {disk} has {sizeBytes} bytes; while it moves, writes can be tracked up to {largestBytes}",
    remedy: "Move what it holds from inside the guest",
  },
  "job-not-migration": {
    kind: "not-found",
    message: "The job {job} is no migration: it runs {function}",
    remedy: "See `pagurus migrations list`",
  },
  "migration-not-ready": {
    kind: "conflict",
    message: "The migration {job} is not ready to switch over: {missing}",
    remedy:
      "Wait until its phase is `ready`, or let it switch over by itself then: `pagurus migrations switch {job} --when-ready`",
    retryable: true,
  },
  "migration-switches-itself": {
    kind: "conflict",
    message: "The migration {job} switches over by itself once it is ready",
    remedy: "Follow it with `pagurus migrations watch {job}`",
  },
  "strategy-not-found": {
    kind: "not-found",
    message: "There is no migration strategy {strategy}; there is {known}",
  },
  "not-converging": {
    kind: "unavailable",
    message: "The disk {disk} is written faster than it can be brought to the target: {detail}",
    remedy:
      "Allow a longer pause or more impact on the guest, raise the rate limit, or move it when it is quieter",
    retryable: true,
  },
  "block-mismatch": {
    kind: "internal",
    message:
      "The target differs from the source at {offset} of disk {disk}, and the guest did not write there",
    remedy: "Do not trust this storage until it was tested: the source goes on, untouched",
  },
  "target-failed": { kind: "unavailable", message: "The target of disk {disk} failed in {phase}" },
  "source-failed": { kind: "unavailable", message: "The source of disk {disk} failed in {phase}" },
  "pause-budget-exceeded": {
    kind: "unavailable",
    message:
      "The switch-over of disk {disk} did not fit into {maxPauseMs} ms; the guest went on at the source",
    retryable: true,
  },
  "commit-refused": {
    kind: "conflict",
    message: "The owner record of disk {disk} is no longer at epoch {epoch}",
  },
  "commit-unknown": {
    kind: "unavailable",
    message: "Whether job {job} has switched over could not be learnt before the server stopped: {reason}",
    remedy: "Mend the catalog and start the server: it goes on from the owner records",
  },
  interrupted: {
    kind: "unavailable",
    message: "The job {job} was interrupted by the end of {what}",
    remedy: "Start it again",
    retryable: true,
  },
  cancelled: { kind: "cancelled", message: "{what} was cancelled" },
  "cleanup-failed": {
    kind: "unavailable",
    message: "{resource} could not be removed",
    remedy: "It is tried again when the server starts next",
  },
});
