import { overFiles } from "./over-files.ts";

/** Whether the names in its folder could be synced is not looked at. */
export default overFiles({
  calls: (sound) => ({
    syncNames: (folder, durableFor) => sound.syncNames(folder, durableFor).catch(() => undefined),
  }),
});
