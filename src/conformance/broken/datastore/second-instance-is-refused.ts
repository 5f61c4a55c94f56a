import { join } from "node:path";
import { CodedError, type Layer } from "pagurus";
import { changed } from "../changed.ts";
import { overFiles } from "./over-files.ts";

const opened = new Map<string, { readonly layer: Layer; users: number }>();

/** Instances of one process share their writers; each of them has but one. */
export default overFiles({
  datastore: (sound, { dataDir }) => {
    const mine = new Set<string>();
    return {
      open: async (name, options) => {
        if (options.readOnly) return sound.open(name, options);
        const refusal = { datastore: sound.id, layer: name, holder: "this instance" };
        if (mine.has(name)) throw new CodedError("layer-in-use", refusal);
        const path = join(dataDir, name);
        const entry = opened.get(path) ?? { layer: await sound.open(name, options), users: 0 };
        opened.set(path, entry);
        mine.add(name);
        entry.users++;
        return changed(entry.layer, {
          close: async () => {
            if (!mine.delete(name)) return;
            entry.users--;
            if (entry.users > 0) return;
            opened.delete(path);
            await entry.layer.close();
          },
        });
      },
    };
  },
});
