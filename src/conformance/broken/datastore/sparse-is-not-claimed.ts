import { overMemory } from "./over.ts";

/** Declares that it gives space back in a way that is lost where capabilities are copied. */
export default overMemory({
  datastore: (sound) => {
    const { sparse, ...rest } = sound.capabilities;
    return { capabilities: Object.assign(Object.create({ sparse }), rest) };
  },
});
