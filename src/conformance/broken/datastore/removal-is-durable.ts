import { overFiles } from "./over-files.ts";

export const alsoCaughtBy = ["The power fails at some moment of a host's work"];

/** The names of a removed layer's files are taken away and nothing is synced. */
export default overFiles({
  calls: (sound) => ({
    syncNames: async (folder, durableFor) => {
      if (durableFor !== "removal") await sound.syncNames(folder, durableFor);
    },
  }),
});
