import type { Layer } from "pagurus";
import { overMemory } from "./over.ts";

/** Closes what is open when it is started again. */
export default overMemory({
  datastore: (sound) => {
    const opened: Layer[] = [];
    return {
      open: async (name, options) => {
        const layer = await sound.open(name, options);
        opened.push(layer);
        return layer;
      },
      start: async () => {
        for (const layer of opened) await layer.close();
      },
    };
  },
});
