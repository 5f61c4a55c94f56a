import { overMemory } from "./over.ts";

/** Reads to the beginning of the memory that a buffer is part of. */
export default overMemory({
  layer: (sound) => ({
    read: (offset, into) => sound.read(offset, new Uint8Array(into.buffer, 0, into.length)),
  }),
});
