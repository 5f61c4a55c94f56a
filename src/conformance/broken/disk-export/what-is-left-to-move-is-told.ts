import { overNbd } from "./over.ts";

/** Calls everything copied. */
export default overNbd({
  connection: () => ({
    async *dirty(offset, length) {
      yield { offset, length, dirty: false };
    },
  }),
});
