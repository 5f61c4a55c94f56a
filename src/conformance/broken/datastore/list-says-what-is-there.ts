import type { Stamp } from "pagurus";
import { overMemory } from "./over.ts";

/** Lists layers with the stamps that they were made with. */
export default overMemory({
  datastore: (sound) => {
    const stamps = new Map<string, Stamp>();
    return {
      create: async (spec) => {
        await sound.create(spec);
        stamps.set(spec.layer, spec.stamp);
      },
      async *list() {
        for await (const info of sound.list()) yield { ...info, stamp: stamps.get(info.layer) ?? info.stamp };
      },
    };
  },
});
