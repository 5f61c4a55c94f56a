import type { CallContext } from "pagurus";
import { overFunction } from "./over.ts";

/** Calls it a failure of its own when it is told to end. */
export default overFunction("count", () => ({
  async run(_: unknown, __: unknown, { signal, clock }: CallContext) {
    await clock.sleep(1, signal).catch(() => {
      throw new RangeError("the notes can't be counted");
    });
    return { notes: 0 };
  },
}));
