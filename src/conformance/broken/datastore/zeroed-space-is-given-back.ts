import { overMemory } from "./over.ts";

/** Writes zeroes where it says that it gives space back. */
export default overMemory({
  layer: (sound) => ({
    zero: (offset, length) => sound.write(offset, new Uint8Array(length)),
  }),
});
