import { broken } from "./over.ts";

/** Gathers what the last round is to copy before it has the guest held. */
export default broken(() => ({
  switchOver(move) {
    const rest = move.harvest();
    return move.switchOver(async () => {
      await move.copy(rest, "final");
    });
  },
}));
