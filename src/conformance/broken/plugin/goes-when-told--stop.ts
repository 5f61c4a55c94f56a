import { overHash } from "../hash-function/over.ts";

/** Closes at its end what it has never opened. */
export default overHash(() => ({
  stop: async () => {
    throw new Error("the accelerator was not open");
  },
}));
