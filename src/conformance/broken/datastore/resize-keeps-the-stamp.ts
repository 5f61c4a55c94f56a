import type { Stamp } from "pagurus";
import { changed } from "../changed.ts";
import { overMemory } from "./over.ts";

/** Stamps a layer as it was made when its length changes. */
export default overMemory({
  datastore: (sound) => {
    const stamps = new Map<string, Stamp>();
    return {
      create: async (spec) => {
        await sound.create(spec);
        stamps.set(spec.layer, spec.stamp);
      },
      open: async (name, options) => {
        const layer = await sound.open(name, options);
        const resize = async (sizeBytes: number) => {
          await layer.resize(sizeBytes);
          const stamp = stamps.get(name);
          if (stamp) await sound.stamp(name, stamp);
        };
        return changed(layer, { resize });
      },
    };
  },
});
