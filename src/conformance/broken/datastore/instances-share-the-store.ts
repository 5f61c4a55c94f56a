import { overLocal } from "./over.ts";

/** Lists what was there when it started, and what it has made itself. */
export default overLocal({
  datastore: (sound) => {
    const known = new Set<string>();
    return {
      start: async () => {
        for await (const { layer } of sound.list()) known.add(layer);
      },
      create: async (spec) => {
        await sound.create(spec);
        known.add(spec.layer);
      },
      async *list() {
        for await (const info of sound.list()) if (known.has(info.layer)) yield info;
      },
    };
  },
});
