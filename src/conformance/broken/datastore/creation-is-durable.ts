import { overFiles } from "./over-files.ts";

export const alsoCaughtBy = ["The power fails at some moment of a host's work"];

/** A new layer's files are synced, the names in their folder are not. */
export default overFiles({
  calls: (sound) => ({
    syncNames: async (folder, durableFor) => {
      if (durableFor !== "creation") await sound.syncNames(folder, durableFor);
    },
  }),
});
