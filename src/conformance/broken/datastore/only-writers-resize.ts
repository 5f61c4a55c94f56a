import { changed } from "../changed.ts";
import { overMemory } from "./over.ts";

/** Lets a reader change the length. */
export default overMemory({
  datastore: (sound) => ({
    open: async (name, options) => {
      const layer = await sound.open(name, options);
      if (!options.readOnly) return layer;
      const resize = async (sizeBytes: number) => {
        const writer = await sound.open(name, { sizeBytes: options.sizeBytes });
        await writer.resize(sizeBytes);
        await writer.close();
      };
      return changed(layer, { resize });
    },
  }),
});
