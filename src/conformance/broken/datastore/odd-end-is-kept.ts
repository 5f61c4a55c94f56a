import { overMemory } from "./over.ts";

export const alsoCaughtBy = ["Random operations on a layer and on an array"];

const page = 4096;

/** Keeps nothing of the last page of a layer where that isn't whole. */
export default overMemory({
  layer: (sound) => ({
    write: (offset, from) => {
      const end = Math.floor(sound.sizeBytes / page) * page;
      return sound.write(offset, from.subarray(0, Math.max(0, end - offset)));
    },
  }),
});
