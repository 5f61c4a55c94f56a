import { overMemory } from "./over.ts";

export const alsoCaughtBy = ["Random operations on a layer and on an array"];

const page = 4096;

/** Zeroes the whole pages of a range and leaves its edges. */
export default overMemory({
  layer: (sound) => ({
    zero: (offset, length) => {
      const start = Math.ceil(offset / page) * page;
      const end = Math.floor((offset + length) / page) * page;
      return end > start ? sound.zero(start, end - start) : sound.zero(offset, 0);
    },
  }),
});
