import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism, cpus, release, totalmem } from "node:os";
import type { Place } from "../common/place.ts";

/** A program that is measured or measures, and Debian's package of it. */
const packages = {
  fio: "fio",
  "qemu-nbd": "qemu-utils",
  "qemu-img": "qemu-utils",
  "qemu-storage-daemon": "qemu-system-common",
  nbdkit: "nbdkit",
  nbdcopy: "libnbd-bin",
  s3backer: "s3backer",
  perf: "linux-perf",
} as const;
export type ProgramName = keyof typeof packages;

export const debianPackage = (program: ProgramName): string => packages[program];

/** The first line that a program says of its version; `undefined` where it isn't installed. */
export const versionOf = (program: ProgramName): string | undefined => {
  const { error, stdout } = spawnSync(program, ["--version"], { encoding: "utf8" });
  return error === undefined ? (stdout.split("\n")[0] ?? "") : undefined;
};

/** What of the machine the figures depend on. */
export const environment = (places: readonly Place[]) => ({
  processors: availableParallelism(),
  processor: cpus()[0]?.model ?? "unknown",
  memoryBytes: totalmem(),
  kernel: release(),
  load: readFileSync("/proc/loadavg", "latin1").trim(),
  node: process.version,
  commit: commit(),
  placement: "nothing is pinned: server, client and bench share all processors",
  programs: Object.fromEntries(
    (Object.keys(packages) as ProgramName[]).map((name) => [name, versionOf(name) ?? null]),
  ),
  places: places.map(({ name, folder, freeBytes }) => ({ name, folder, freeBytes })),
});

const commit = (): string | null => {
  const { stdout, status } = spawnSync("git", ["describe", "--always", "--dirty"], { encoding: "utf8" });
  return status === 0 ? stdout.trim() : null;
};
