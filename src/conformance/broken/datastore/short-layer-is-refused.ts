import { overMemory } from "./over.ts";

/** Opens a layer that is shorter than its disk. */
export default overMemory({
  datastore: (sound) => ({
    open: async (layer, options) => {
      const { sizeBytes = 0 } = (await sound.inspect(layer)) ?? {};
      return sound.open(layer, { ...options, sizeBytes: Math.min(sizeBytes, options.sizeBytes) });
    },
  }),
});
