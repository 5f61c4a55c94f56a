import { overFiles } from "./over-files.ts";

export const alsoCaughtBy = ["The power fails at some moment of a host's work"];

/** The file that takes the old stamp's place is synced, its name is not. */
export default overFiles({
  calls: (sound) => ({
    syncNames: async (folder, durableFor) => {
      if (durableFor !== "stamp") await sound.syncNames(folder, durableFor);
    },
  }),
});
