import { constants } from "node:fs";
import { access, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CodedError } from "../../src/contract/index.ts";
import type { Bench } from "../common/bench.ts";
import { isInstalled } from "../common/installed.ts";
import { runProgram, startProgram } from "../common/program.ts";
import type { Undo } from "../common/undo.ts";
import type { Store } from "./store.ts";

const DEVICE = "/dev/fuse";
const LOOK_MS = 50;
const READY_MS = 30_000;

/** Whether it can be had here; says so where not. */
export const canRunS3backer = async (bench: Bench): Promise<boolean> => {
  if (!isInstalled(bench, "s3backer")) return false;
  const usable = await access(DEVICE, constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  );
  if (!usable) bench.note(`s3backer is not run: ${DEVICE} can't be used here`);
  return usable;
};

export interface S3backerOptions {
  readonly store: Store;
  readonly folder: string;
  readonly sizeBytes: number;
  /** Each write waits for the bucket; otherwise they wait in memory, and a flush doesn't wait for them. */
  readonly sync: boolean;
  readonly undo: Undo;
}

/** As its users start it, with blocks of 4 KiB, which is what is written here; answers the path of the disk. */
export const startS3backer = async (
  { signal }: Bench,
  { store, folder, sizeBytes, sync, undo }: S3backerOptions,
): Promise<string> => {
  const name = sync ? "s3backer-sync" : "s3backer";
  const { name: bucket } = await store.newBucket(undo);
  const { url, accessKey, secretKey } = store.minio;
  const mount = join(folder, name);
  await mkdir(mount);
  const accessFile = join(folder, `${name}.access`);
  await writeFile(accessFile, `${accessKey}:${secretKey}\n`, { mode: 0o600 });
  const program = startProgram(
    "s3backer",
    [
      `--baseURL=${url}/`,
      `--accessFile=${accessFile}`,
      `--size=${sizeBytes}`,
      "--blockSize=4096",
      "--quiet",
      ...(sync ? ["--blockCacheSync", "--blockCacheWriteDelay=0"] : []),
      "-f",
      bucket,
      mount,
    ],
    { signal },
  );
  undo.add(async () => {
    await program.stop();
    // Where it had to be killed.
    await runProgram("umount", ["-l", mount], { signal: AbortSignal.timeout(READY_MS) }).catch(
      () => undefined,
    );
  });
  const disk = join(mount, "file");
  for (let waitedMs = 0; !(await isThere(disk)); waitedMs += LOOK_MS) {
    if (waitedMs >= READY_MS)
      throw new CodedError("internal", { reason: `s3backer has no disk: ${program.said()}` });
    await sleep(LOOK_MS, undefined, { signal });
  }
  return disk;
};

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
