import type { LayerInfo } from "pagurus";
import { overLocal } from "./over.ts";

/** Remembers what it knows of a layer until it changes that itself. */
export default overLocal({
  datastore: (sound) => {
    const known = new Map<string, LayerInfo | undefined>();
    return {
      inspect: async (layer) => {
        if (!known.has(layer)) known.set(layer, await sound.inspect(layer));
        return known.get(layer);
      },
      create: (spec) => {
        known.delete(spec.layer);
        return sound.create(spec);
      },
      open: (layer, options) => {
        known.delete(layer);
        return sound.open(layer, options);
      },
      stamp: (layer, stamp) => {
        known.delete(layer);
        return sound.stamp(layer, stamp);
      },
      remove: (layer) => {
        known.delete(layer);
        return sound.remove(layer);
      },
    };
  },
});
