import { eachGoal, type Goal, medianGoal, ratioGoal } from "../report/goals.ts";
import { AMPLIFICATION, COLD, FLUSHED, MAX_PAUSE_MS, MOVE, RECOVERY, rows, WARM, WRITTEN } from "./works.ts";

/** A checkpoint takes some requests too. */
const PUTS_PER_FLUSH = 1.02;

/** What a disk in a bucket promises: against what the same machine does without it, in the same run. */
export const s3Goals: readonly Goal[] = [
  ratioGoal({
    work: FLUSHED,
    subject: rows.journal,
    peer: rows.local,
    key: "iops",
    what: "with a journal, IOPS x local disk",
    atLeast: 0.5,
  }),
  ratioGoal({
    work: FLUSHED,
    subject: rows.journal,
    peer: rows.file,
    key: "flushP99Us",
    what: "with a journal, p99 of a flush x plain file's fsync",
    atMost: 3,
  }),
  eachGoal({
    work: FLUSHED,
    subject: rows.journal,
    key: "capTimes",
    what: "(bench) least bytes written x what the journal may hold",
    atLeast: 2,
  }),
  medianGoal({
    work: FLUSHED,
    subject: rows.bucket,
    key: "putsPerFlush",
    what: "without a journal, PUTs per flush",
    atMost: PUTS_PER_FLUSH,
  }),
  ...[rows.s3backer, rows.s3backerSync].map((peer) =>
    ratioGoal({ work: FLUSHED, peer, key: "iops", what: `IOPS x ${peer}`, atLeast: 5 }),
  ),
  ratioGoal({
    work: WRITTEN,
    peer: rows.puts,
    key: "megabytesPerSecond",
    what: `MB/s x ${rows.puts}`,
    atLeast: 0.7,
  }),
  ratioGoal({
    work: COLD,
    peer: rows.gets,
    key: "megabytesPerSecond",
    what: `MB/s x ${rows.gets}`,
    atLeast: 0.7,
  }),
  ratioGoal({ work: WARM, peer: rows.local, key: "iops", what: "IOPS x local disk", atLeast: 0.5 }),
  eachGoal({ work: MOVE, key: "moved", what: "moves that succeeded, worst of all:", atLeast: 1 }),
  eachGoal({ work: MOVE, key: "pauseMs", what: "longest pause in ms", atMost: MAX_PAUSE_MS }),
  ratioGoal({ work: MOVE, peer: rows.puts, key: "seconds", what: `time x ${rows.puts}`, atMost: 1.3 }),
  eachGoal({ work: RECOVERY, key: "seconds", what: "longest time in s", atMost: 2 }),
  eachGoal({ work: AMPLIFICATION, key: "amplification", what: "bytes PUT x bytes written", atMost: 2 }),
  eachGoal({
    work: AMPLIFICATION,
    key: "mostTimesLive",
    what: "most bytes in the bucket x live",
    atMost: 1.5,
  }),
];
