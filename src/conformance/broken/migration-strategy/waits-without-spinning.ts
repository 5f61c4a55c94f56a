import { setImmediate } from "node:timers/promises";
import { broken } from "./over.ts";

/** Looks whether it is asked whenever it has a turn. */
export default broken(() => ({
  settle: async (move) => {
    move.signal.throwIfAborted();
    await setImmediate();
  },
}));
