/** What is measured; each once at the server itself and once with a delay. */
export const FLUSHED = "4k randwrite, a flush every 32";
export const WRITTEN = "sequential write";
export const COLD = "cold sequential read";
export const WARM = "warm 4k randread qd16";
export const MOVE = "live move into the bucket, 2000 IOPS";
export const RECOVERY = "opening 100 GiB after a crash";
export const AMPLIFICATION = "write amplification, 4k randwrite";

/** Rows that others are compared with. */
export const rows = {
  bucket: "pagurus",
  journal: "pagurus, journal",
  local: "pagurus, local disk",
  file: "plain file",
  fileBeside: "plain file beside PUTs",
  puts: "plain PUTs",
  gets: "plain GETs",
  s3backer: "s3backer, flush waits for nothing",
  s3backerSync: "s3backer, each write waits",
} as const;

export const DELAY_MS = 20;
/** The budget of the move. */
export const MAX_PAUSE_MS = 250;
export const FLUSH_EVERY = 32;
/** As the datastore makes them unless it is told otherwise. */
export const SEGMENT_BYTES = 8 * 1024 * 1024;
/** So many requests at once, for us and for those without us. */
export const WINDOW = 8;
