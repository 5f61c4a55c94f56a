import { overHash } from "../hash-function/over.ts";

/** Gives up at its start, for lack of something that it could do without. */
export default overHash(() => ({
  start: async () => {
    throw new Error("there is no accelerator in this machine");
  },
}));
