import { overMemory } from "./over.ts";

/** Cuts a layer that is longer than its disk. */
export default overMemory({
  datastore: (sound) => ({
    open: async (name, options) => {
      const { sizeBytes = 0 } = (await sound.inspect(name)) ?? {};
      if (sizeBytes <= options.sizeBytes || options.readOnly) return sound.open(name, options);
      const layer = await sound.open(name, { ...options, sizeBytes });
      await layer.resize(options.sizeBytes);
      return layer;
    },
  }),
});
