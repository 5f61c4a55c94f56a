import { overMemory } from "./over.ts";

/** Makes a layer longer when its end is written to. */
export default overMemory({
  layer: (sound) => ({
    write: async (offset, from) => {
      await sound.write(offset, from);
      if (offset + from.length === sound.sizeBytes) await sound.resize(sound.sizeBytes + 64 * 1024);
    },
  }),
});
