import { overMemory } from "./over.ts";

/** Answers a resize that it can't do as if it had done it. */
export default overMemory({
  datastore: (sound) => {
    const { resize: _, ...capabilities } = sound.capabilities;
    return { capabilities };
  },
  layer: () => ({ resize: async () => undefined }),
});
