import { broken } from "./over.ts";

/** Begins its rounds with a clean slate once everything was copied. */
export default broken((sound) => ({
  async bulk(move) {
    await sound.bulk(move);
    move.harvest();
  },
}));
