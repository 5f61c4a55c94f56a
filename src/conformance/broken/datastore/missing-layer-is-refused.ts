import { overMemory } from "./over.ts";

/** Answers as if it had stamped a layer that isn't there. */
export default overMemory({
  datastore: (sound) => ({
    stamp: async (layer, stamp) => {
      if (await sound.inspect(layer)) await sound.stamp(layer, stamp);
    },
  }),
});
