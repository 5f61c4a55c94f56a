import { broken } from "./over.ts";

/** Says once that it is ready, and then waits to be asked. */
export default broken((sound) => ({
  async wait(move) {
    move.announce(true);
    while (!move.switchRequested) {
      await sound.settle(move);
      if (move.switchRequested) break;
      if (move.dirtyBlocks >= sound.fits(move)) return "no longer";
      if (move.dirtyBlocks >= sound.fits(move) / 2) await sound.round(move);
    }
    return "asked";
  },
}));
