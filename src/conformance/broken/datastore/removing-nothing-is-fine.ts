import { CodedError } from "pagurus";
import { overMemory } from "./over.ts";

/** Refuses to remove what isn't there. */
export default overMemory({
  datastore: (sound) => ({
    remove: async (layer) => {
      if (!(await sound.inspect(layer)))
        throw new CodedError("layer-not-found", { datastore: sound.id, layer });
      await sound.remove(layer);
    },
  }),
});
