import { overFiles } from "./over-files.ts";

export const alsoCaughtBy = [
  "A flush that was answered is over",
  "The power fails at some moment of a host's work",
  "What was written during a flush is covered by the next",
  "Flushed zeroes survive a power cut",
  "Storage fails to sync",
];

/** A flush syncs nothing. */
export default overFiles({
  calls: (sound) => ({
    datasync: async (fd, durableFor) => {
      if (durableFor !== "flush") await sound.datasync(fd, durableFor);
    },
  }),
});
