import { setImmediate } from "node:timers/promises";
import { overMemory } from "./over.ts";

/** Copies the layer to one of the new length, and misses what is written meanwhile. */
export default overMemory({
  layer: (sound) => ({
    resize: async (sizeBytes) => {
      const copy = new Uint8Array(Math.min(sizeBytes, sound.sizeBytes));
      await sound.read(0, copy);
      await setImmediate();
      await sound.resize(sizeBytes);
      await sound.write(0, copy);
    },
  }),
});
