import { broken } from "./over.ts";

/** Tells of the first copy as if it were one of the rounds over what was written. */
export default broken(() => ({
  async bulk(move) {
    await move.copy(move.all(), "dirty");
  },
}));
