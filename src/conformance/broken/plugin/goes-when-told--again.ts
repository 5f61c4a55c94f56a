import { overHash } from "../hash-function/over.ts";

/** Refuses a start once it has started. */
export default overHash(() => {
  let started = false;
  return {
    start: async () => {
      if (started) throw new Error("it has started already");
      started = true;
    },
  };
});
