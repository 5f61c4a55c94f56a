import { broken, says } from "./over.ts";

/** Begins anew where source or target has failed once. */
export default broken((sound) => ({
  async bulk(move) {
    try {
      await sound.bulk(move);
    } catch (error) {
      if (!says(error, "source-failed", "target-failed")) throw error;
      await sound.bulk(move);
    }
  },
}));
