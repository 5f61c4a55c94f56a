import { overMemory } from "./over.ts";

/** Reads ahead also where the layer is closed, and fails. */
export default overMemory({
  layer: (sound) => ({
    prefetch: (offset, length) => sound.read(offset, new Uint8Array(length)),
  }),
});
