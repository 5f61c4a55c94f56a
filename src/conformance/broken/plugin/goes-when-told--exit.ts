import { overHash } from "../hash-function/over.ts";

/** Looks after itself once a minute, and forgets to end that. */
export default overHash(() => ({
  start: async () => {
    setInterval(() => undefined, 60_000);
  },
}));
