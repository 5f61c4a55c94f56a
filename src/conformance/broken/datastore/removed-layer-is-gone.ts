import type { LayerInfo } from "pagurus";
import { overMemory } from "./over.ts";

/** Still tells of a layer that was removed. */
export default overMemory({
  datastore: (sound) => {
    const known = new Map<string, LayerInfo>();
    return {
      inspect: async (layer) => {
        const info = await sound.inspect(layer);
        if (info) known.set(layer, info);
        return known.get(layer);
      },
      remove: async (layer) => {
        const info = await sound.inspect(layer);
        await sound.remove(layer);
        if (info) known.set(layer, info);
      },
    };
  },
});
