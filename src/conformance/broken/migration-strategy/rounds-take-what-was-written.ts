import { broken } from "./over.ts";

/** What takes less is over before anybody can write. */
const AT_ONCE_MS = 1;

export const alsoCaughtBy = ["A guest that goes on with its work finds all of it at the target"];

/** Takes what is marked after a first copy that took no time for written before it. */
export default broken(() => ({
  async bulk(move) {
    const { durationMs } = await move.copy(move.all(), "bulk");
    if (durationMs < AT_ONCE_MS) move.harvest();
  },
}));
