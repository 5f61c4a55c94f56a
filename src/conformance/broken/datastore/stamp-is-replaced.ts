import { overMemory } from "./over.ts";

/** Keeps the disk of the first stamp. */
export default overMemory({
  datastore: (sound) => ({
    stamp: async (layer, stamp) => {
      const disk = (await sound.inspect(layer))?.stamp.disk ?? stamp.disk;
      await sound.stamp(layer, { ...stamp, disk });
    },
  }),
});
