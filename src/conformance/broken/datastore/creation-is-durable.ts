import { overFiles } from "./over-files.ts";

/** A new layer's files are synced, the names in their folder are not. */
export default overFiles({
  calls: (sound) => ({
    syncNames: async (folder, durableFor) => {
      if (durableFor !== "creation") await sound.syncNames(folder, durableFor);
    },
  }),
});
