import { changed } from "../changed.ts";
import { overMemory } from "./over.ts";

export const alsoCaughtBy = ["Random operations on a layer and on an array"];

/** Leaves the buffer of a read as it was where nothing was ever written to the layer. */
export default overMemory({
  datastore: (sound) => {
    const written = new Set<string>();
    return {
      open: async (name, options) => {
        const layer = await sound.open(name, options);
        return changed(layer, {
          read: (offset, into) => layer.read(offset, written.has(name) ? into : new Uint8Array(into.length)),
          write: (offset, from) => {
            written.add(name);
            return layer.write(offset, from);
          },
        });
      },
    };
  },
});
