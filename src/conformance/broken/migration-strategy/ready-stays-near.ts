import { broken } from "./over.ts";

/** Leaves all that is written while it waits for the pause. */
export default broken((sound) => ({
  async wait(move) {
    for (move.announce(true); !move.switchRequested; move.announce(true)) await sound.settle(move);
    return "asked";
  },
}));
