import { runProgram } from "./program.ts";

/** Writes back what a file system holds in memory, so that nobody pays for a predecessor's writes. */
export const settleDisk = async (folder: string, signal: AbortSignal): Promise<void> => {
  await runProgram("sync", ["-f", folder], { signal });
};

/** Makes the next reads of a file come from the disk; needs no rights but to read it. */
export const dropCache = async (file: string, signal: AbortSignal): Promise<void> => {
  await runProgram("dd", [`if=${file}`, "iflag=nocache", "count=0", "status=none"], { signal });
};

/** Brings a file into memory. */
export const warm = async (file: string, signal: AbortSignal): Promise<void> => {
  await runProgram("dd", [`if=${file}`, "of=/dev/null", "bs=1M", "status=none"], { signal });
};
