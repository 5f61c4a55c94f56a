import { LOGS, logKey, logOf } from "./layout.ts";
import type { Objects } from "./objects.ts";

/** Bytes that a log's objects take, checkpoints aside; a request for each thousand of them. */
export const storedInLog = async (objects: Objects, log: string): Promise<number> => {
  let bytes = 0;
  for await (const { sizeBytes } of objects.list(logKey(log))) bytes += sizeBytes;
  return bytes;
};

/** The same of all logs, by log: a list of each of them would take a request for each. */
export const storedInLogs = async (objects: Objects): Promise<ReadonlyMap<string, number>> => {
  const stored = new Map<string, number>();
  for await (const { key, sizeBytes } of objects.list(LOGS)) {
    const log = logOf(key);
    if (log !== undefined) stored.set(log, (stored.get(log) ?? 0) + sizeBytes);
  }
  return stored;
};
