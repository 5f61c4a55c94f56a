import { CodedError } from "pagurus";
import { changed } from "../changed.ts";
import { overMemory } from "./over.ts";

/** Lets a reader write. */
export default overMemory({
  datastore: (sound) => ({
    open: async (name, { readOnly = false, ...options }) => {
      const layer = await sound.open(name, options);
      const resize = async () => {
        await layer.read(0, new Uint8Array(512));
        throw new CodedError("layer-read-only", { datastore: sound.id, layer: name });
      };
      return readOnly ? changed(layer, { resize }) : layer;
    },
  }),
});
