import { broken } from "./over.ts";

/** Blocks that are not worth a round. */
const FEW = 8;

export const alsoCaughtBy = ["Servers that are killed in the middle of a move"];

/** Takes a few blocks that were written during the first copy for none. */
export default broken((sound) => ({
  async bulk(move) {
    await sound.bulk(move);
    if (move.dirtyBlocks < FEW) move.harvest();
  },
}));
