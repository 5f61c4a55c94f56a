import { open, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Bench } from "../common/bench.ts";
import { isInstalled } from "../common/installed.ts";
import { settleDisk } from "../common/page-cache.ts";
import { runProgram } from "../common/program.ts";
import type { Subject } from "../common/repeat.ts";
import { makeFile } from "../servers/peers.ts";

interface CopyTool {
  readonly program: "qemu-img" | "nbdcopy" | "cp";
  readonly args: (from: string, to: string) => readonly string[];
  /** It copies onto a file that is there already. */
  readonly ontoFile?: boolean;
}

/** Each as its users call it for speed. */
const tools: Readonly<Record<string, CopyTool>> = {
  "qemu-img convert -W": {
    program: "qemu-img",
    args: (from, to) => ["convert", "-f", "raw", "-O", "raw", "-W", "-m", "16", from, to],
  },
  nbdcopy: { program: "nbdcopy", args: (from, to) => [from, to], ontoFile: true },
  "cp --sparse=always": {
    program: "cp",
    args: (from, to) => ["--sparse=always", "--reflink=never", from, to],
  },
};

const BLOCK = 512;

export interface CopySite {
  readonly folder: string;
  readonly source: string;
  readonly sizeBytes: number;
  readonly dataBytes: number;
}

/** The tools that are installed, each copying the same file to a new one. */
export const copyTools = (
  bench: Bench,
  { folder, source, sizeBytes, dataBytes }: CopySite,
): readonly Subject[] => {
  const target = join(folder, "copy.raw");
  const { signal } = bench;
  return Object.entries(tools)
    .filter(([, { program }]) => program === "cp" || isInstalled(bench, program))
    .map(([name, { program, args, ontoFile }]) => ({
      name,
      ours: false,
      async prepare() {
        if (ontoFile) await makeFile(target, sizeBytes);
        await settleDisk(folder, signal);
      },
      async run() {
        const { wallMs, cpuUs } = await runProgram(program, args(source, target), { signal });
        const flushedMs = await timeOfSync(target);
        const seconds = wallMs / 1000;
        return {
          seconds,
          flushSeconds: flushedMs / 1000,
          durableSeconds: seconds + flushedMs / 1000,
          dataMegabytesPerSecond: dataBytes / 1e6 / seconds,
          cpuSeconds: cpuUs / 1e6,
          allocatedBytes: (await stat(target)).blocks * BLOCK,
        };
      },
      after: () => rm(target, { force: true }),
    }));
};

/** How long it takes until a file is durable. */
const timeOfSync = async (path: string): Promise<number> => {
  const file = await open(path, "r+");
  try {
    const startedMs = performance.now();
    await file.datasync();
    return performance.now() - startedMs;
  } finally {
    await file.close();
  }
};
