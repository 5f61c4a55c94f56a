import type { Layer } from "pagurus";
import { changed } from "../changed.ts";
import { overFiles } from "./over-files.ts";

/** An instance gives the writer that it has to whoever comes next, and closes it when the last has gone. */
export default overFiles({
  datastore: (sound) => {
    const opened = new Map<string, { readonly layer: Layer; users: number }>();
    return {
      open: async (name, options) => {
        if (options.readOnly) return sound.open(name, options);
        const known = opened.get(name);
        const entry = known ?? { layer: await sound.open(name, options), users: 0 };
        opened.set(name, entry);
        entry.users++;
        let closed = false;
        return changed(entry.layer, {
          close: async () => {
            if (closed) return;
            closed = true;
            entry.users--;
            if (entry.users > 0) return;
            opened.delete(name);
            await entry.layer.close();
          },
        });
      },
    };
  },
});
