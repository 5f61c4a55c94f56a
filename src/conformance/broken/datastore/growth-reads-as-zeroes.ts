import { changed } from "../changed.ts";
import { overMemory } from "./over.ts";

export const alsoCaughtBy = ["Random operations on a layer and on an array"];

/** Leaves something in the first sector beyond what the layer has ever been. */
export default overMemory({
  datastore: (sound) => ({
    open: async (name, options) => {
      let longest = (await sound.inspect(name))?.sizeBytes ?? 0;
      const layer = await sound.open(name, options);
      const resize = async (sizeBytes: number) => {
        await layer.resize(sizeBytes);
        if (sizeBytes > longest) await layer.write(longest, new Uint8Array(512).fill(1));
        longest = Math.max(longest, sizeBytes);
      };
      return changed(layer, { resize });
    },
  }),
});
