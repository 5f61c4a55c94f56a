import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { JobContext } from "pagurus";
import { overFunction } from "./over.ts";

/** Prints, and has no way to take a copy back. */
export default overFunction("print", () => ({
  async run({ folder, copies }: { folder: string; copies: number }, _: unknown, job: JobContext) {
    for (let copy = 1; copy <= copies; copy++) {
      job.signal.throwIfAborted();
      await job.step(`copy-${copy}`, () => writeFile(join(folder, `copy-${copy}`), "printed"));
    }
    return { printed: copies };
  },
}));
