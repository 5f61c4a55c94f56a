import { overHash } from "../hash-function/over.ts";

/** Greets whoever starts it, on standard output. */
export default overHash(() => ({
  start: async () => {
    process.stdout.write("hash functions are ready\n");
  },
}));
