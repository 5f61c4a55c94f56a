import type { Layer } from "pagurus";
import { overMemory } from "./over.ts";

/** Closes a layer that is in use and removes it. */
export default overMemory({
  datastore: (sound) => {
    const opened = new Map<string, Layer>();
    return {
      open: async (name, options) => {
        const layer = await sound.open(name, options);
        opened.set(name, layer);
        return layer;
      },
      remove: async (layer) => {
        await opened.get(layer)?.close();
        await sound.remove(layer);
      },
    };
  },
});
