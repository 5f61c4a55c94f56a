import type { Stamp } from "pagurus";
import { overMemory } from "./over.ts";

/** Opens a layer with the stamp that it was made with. */
export default overMemory({
  datastore: (sound) => {
    const stamps = new Map<string, Stamp>();
    return {
      create: async (spec) => {
        await sound.create(spec);
        stamps.set(spec.layer, spec.stamp);
      },
      open: async (name, options) => {
        const stamp = stamps.get(name);
        if (stamp) await sound.stamp(name, stamp);
        return sound.open(name, options);
      },
    };
  },
});
