import { overMemory } from "./over.ts";

/** Takes a length of 0 for all of the rest. */
export default overMemory({
  layer: (sound) => ({
    zero: (offset, length) => sound.zero(offset, length || sound.sizeBytes - offset),
  }),
});
