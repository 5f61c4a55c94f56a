import { overMemory } from "./over.ts";

/** Counts offsets in 32 bits. */
export default overMemory({
  layer: (sound) => ({
    read: (offset, into) => sound.read(offset % 2 ** 32, into),
    write: (offset, from) => sound.write(offset % 2 ** 32, from),
  }),
});
