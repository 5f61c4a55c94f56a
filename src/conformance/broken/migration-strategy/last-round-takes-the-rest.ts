import { broken } from "./over.ts";

export const alsoCaughtBy = ["A guest that goes on with its work finds all of it at the target"];

/** Gathers what the last round is to copy before it has the guest held. */
export default broken(() => ({
  switchOver(move) {
    const rest = move.harvest();
    return move.switchOver(async () => {
      await move.copy(rest, "final");
    });
  },
}));
