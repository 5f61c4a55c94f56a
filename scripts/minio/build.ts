import { execFile } from "node:child_process";
import { access, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { cachedBinary, source } from "./place.ts";

const OUTPUT_BYTES = 16 * 1024 * 1024;
const run = promisify(execFile);

/**
 * Builds the server with Go unless it is in the cache, and answers its path. Takes some minutes, and meanwhile about
 * 2 GB beside it for what Go downloads and compiles.
 */
export const buildBinary = async (): Promise<string> => {
  const binary = cachedBinary();
  if (await isThere(binary)) return binary;
  process.stderr.write(`building MinIO ${source.version} with Go, which takes some minutes\n`);
  const folder = dirname(binary);
  await mkdir(dirname(folder), { recursive: true });
  const work = await mkdtemp(`${folder}.`);
  try {
    // Static, so that it also runs in a container without anything else.
    const go = { GOBIN: join(work, "bin"), GOPATH: join(work, "go"), GOCACHE: join(work, "cache") };
    const env = { ...process.env, ...go, CGO_ENABLED: "0" };
    const flags = ["-modcacherw", "-trimpath", "-ldflags", "-s -w"];
    await run("go", ["install", ...flags, `${source.module}@${source.version}`], {
      env,
      cwd: work,
      maxBuffer: OUTPUT_BYTES,
    });
    // Whoever built it at the same time has built the same.
    await rename(go.GOBIN, folder).catch(async (error: unknown) => {
      if (!(await isThere(binary))) throw error;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return binary;
};

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
