import type { Layer } from "pagurus";
import { changed } from "../changed.ts";
import { overMemory } from "./over.ts";

/** Keeps the stamp of an open layer in its first sector. */
export default overMemory({
  datastore: (sound) => {
    const opened = new Map<string, Layer>();
    return {
      open: async (name, options) => {
        const layer = await sound.open(name, options);
        opened.set(name, layer);
        const close = () => {
          opened.delete(name);
          return layer.close();
        };
        return changed(layer, { close });
      },
      stamp: async (layer, stamp) => {
        await sound.stamp(layer, stamp);
        await opened.get(layer)?.write(0, Buffer.alloc(512, JSON.stringify(stamp)));
      },
    };
  },
});
