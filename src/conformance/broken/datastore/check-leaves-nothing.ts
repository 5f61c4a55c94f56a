import { overMemory } from "./over.ts";

/** Tries the store by making a layer, and leaves it. */
export default overMemory({
  datastore: (sound) => ({
    check: async () => {
      const stamp = { disk: "none", epoch: 1, state: "owner" } as const;
      if (!(await sound.inspect("check"))) await sound.create({ layer: "check", sizeBytes: 4096, stamp });
      return sound.check();
    },
  }),
});
