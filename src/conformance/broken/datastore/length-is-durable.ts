import { overFiles } from "./over-files.ts";

export const alsoCaughtBy = [
  "The power fails at some moment of a host's work",
  "What was cut off doesn't come back after a power cut",
];

/** A new length is recorded in a file whose name is never synced. */
export default overFiles({
  calls: (sound) => ({
    syncNames: async (folder, durableFor) => {
      if (durableFor !== "length") await sound.syncNames(folder, durableFor);
    },
  }),
});
