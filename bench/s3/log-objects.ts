import { setTimeout as sleep } from "node:timers/promises";
import type { StoreBucket } from "./store.ts";

/** An object of the log of the only disk in a bucket. */
export interface LogObject {
  readonly key: string;
  readonly number: number;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
}

export const logObjects = async ({ direct, name }: StoreBucket): Promise<readonly LogObject[]> => {
  const objects: LogObject[] = [];
  for await (const item of direct.listObjectsV2(name, "logs/", true))
    if (item.name !== undefined)
      objects.push({
        key: item.name,
        number: Number(item.name.slice(item.name.lastIndexOf("/") + 1)),
        sizeBytes: item.size,
        modifiedMs: item.lastModified.getTime(),
      });
  return objects;
};

export const lastNumber = (objects: readonly LogObject[]): number =>
  objects.reduce((last, { number }) => Math.max(last, number), 0);

const LOOK_MS = 500;
const QUIET_LOOKS = 3;

/** Resolves when the log has not grown for a while. */
export const untilQuiet = async (bucket: StoreBucket, signal: AbortSignal): Promise<void> => {
  let last = -1;
  for (let quiet = 0; quiet < QUIET_LOOKS; quiet++) {
    const now = lastNumber(await logObjects(bucket));
    if (now !== last) quiet = 0;
    last = now;
    await sleep(LOOK_MS, undefined, { signal });
  }
};
