import { overFiles } from "./over-files.ts";

export const alsoCaughtBy = ["The power fails at some moment of a host's work"];

/** A layer that grows again is recorded as longer before storage knows that it was cut. */
export default overFiles({
  calls: (sound) => ({
    datasync: async (fd, durableFor) => {
      if (durableFor !== "length") await sound.datasync(fd, durableFor);
    },
  }),
});
