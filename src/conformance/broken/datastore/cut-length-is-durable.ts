import { overFiles } from "./over-files.ts";

/** A layer that grows again is recorded as longer before storage knows that it was cut. */
export default overFiles({
  calls: (sound) => ({
    datasync: async (fd, durableFor) => {
      if (durableFor !== "length") await sound.datasync(fd, durableFor);
    },
  }),
});
