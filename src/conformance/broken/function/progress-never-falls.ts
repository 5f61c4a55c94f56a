import type { JobContext } from "pagurus";
import { overFunction } from "./over.ts";

/** Tells of each copy how far that one is. */
export default overFunction("print", () => ({
  async run({ copies }: { copies: number }, _: unknown, job: JobContext) {
    for (let copy = 1; copy <= copies; copy++) {
      job.signal.throwIfAborted();
      job.progress({ percent: 0 });
      job.progress({ percent: 100 });
    }
    return { printed: copies };
  },
}));
