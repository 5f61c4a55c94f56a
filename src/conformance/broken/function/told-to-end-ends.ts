import { setTimeout } from "node:timers/promises";
import type { CallContext } from "pagurus";
import { overFunction } from "./over.ts";

/** Tries again whatever has failed, also what has failed because it was told to end. */
export default overFunction("count", () => ({
  async run(_: unknown, __: unknown, { signal, clock }: CallContext) {
    for (;;)
      try {
        await clock.sleep(1, signal);
        return { notes: 0 };
      } catch {
        await setTimeout(100, undefined, { ref: false });
      }
  },
}));
