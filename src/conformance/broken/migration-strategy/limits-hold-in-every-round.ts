import { broken } from "./over.ts";

/** Calls every round after the first copy the last one. */
export default broken(() => ({
  async round(move) {
    await move.copy(move.harvest(), "final");
  },
}));
