import { overFiles } from "./over-files.ts";

export const alsoCaughtBy = [
  "A flush that was answered is over",
  "What was written during a flush is covered by the next",
  "Flushed zeroes survive a power cut",
];

/** A flush syncs nothing. */
export default overFiles({
  calls: (sound) => ({
    datasync: async (fd, durableFor) => {
      if (durableFor !== "flush") await sound.datasync(fd, durableFor);
    },
  }),
});
