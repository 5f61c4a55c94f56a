import type { Layer } from "pagurus";
import { changed } from "../changed.ts";
import { overMemory } from "./over.ts";

/** Writes to the layer that was opened last, whichever is meant. */
export default overMemory({
  datastore: (sound) => {
    let last: Layer | undefined;
    return {
      open: async (name, options) => {
        const opened = await sound.open(name, options);
        last = opened;
        return changed(opened, { write: (offset, from) => (last ?? opened).write(offset, from) });
      },
    };
  },
});
