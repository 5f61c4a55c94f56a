import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { buildBinary } from "./build.ts";
import { findBinary } from "./place.ts";

let folder = "";

/** Puts a `go` first in the PATH that notes how it is called and does what the script says. */
const playGo = (script: string): Promise<void> =>
  writeFile(join(folder, "tools", "go"), `#!/bin/sh\necho "$@" >>${folder}/calls\n${script}\n`, {
    mode: 0o755,
  });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "pagurus-build-"));
  await mkdir(join(folder, "tools"));
  vi.stubEnv("PATH", `${join(folder, "tools")}${delimiter}/usr/bin${delimiter}/bin`);
  vi.stubEnv("PAGURUS_MINIO_CACHE", join(folder, "cache"));
  vi.stubEnv("PAGURUS_MINIO_BINARY", "");
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

test("the server is built once, and found from then on", async () => {
  await playGo('mkdir -p "$GOBIN" "$GOPATH" && cp /bin/sh "$GOBIN/minio"');
  const [one, other] = await Promise.all([buildBinary(), buildBinary()]);
  const calls = await readFile(join(folder, "calls"), "utf8");
  expect(calls).toMatch(/^install .* github\.com\/minio\/minio@v0\.0\.0-\d+-[0-9a-f]+$/m);
  await playGo("exit 1");
  expect([other, await buildBinary(), await findBinary()]).toEqual([one, one, one]);
  expect(await readdir(join(folder, "cache"))).toHaveLength(1);
});

test("a build that fails says why and leaves nothing", async () => {
  await playGo("echo 'no such module' >&2; exit 1");
  await expect(buildBinary()).rejects.toThrow("no such module");
  expect(await readdir(join(folder, "cache"))).toEqual([]);
  expect(await findBinary()).toBeUndefined();
});
