import type { Layer } from "pagurus";
import { changed } from "../changed.ts";
import { overMemory } from "./over.ts";

/** Closes whatever is open under the layer's name, also for who has closed it already. */
export default overMemory({
  datastore: (sound) => {
    const opened = new Map<string, Layer>();
    return {
      open: async (name, options) => {
        const layer = await sound.open(name, options);
        opened.set(name, layer);
        const close = async () => opened.get(name)?.close();
        return changed(layer, { close });
      },
    };
  },
});
