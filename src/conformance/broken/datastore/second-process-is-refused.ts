import { join } from "node:path";
import { CodedError } from "pagurus";
import { changed } from "../changed.ts";
import { overFiles } from "./over-files.ts";

const writing = new Set<string>();

/** Who writes to which layer is known in this process, and to no other. */
export default overFiles({
  calls: () => ({ lock: () => true }),
  datastore: (sound, { dataDir }) => {
    const refuse = (layer: string) => {
      if (writing.has(join(dataDir, layer)))
        throw new CodedError("layer-in-use", { datastore: sound.id, layer, holder: "this process" });
    };
    return {
      open: async (name, options) => {
        if (options.readOnly) return sound.open(name, options);
        refuse(name);
        const path = join(dataDir, name);
        writing.add(path);
        const layer = await sound.open(name, options).catch((error: unknown) => {
          writing.delete(path);
          throw error;
        });
        let closing: Promise<void> | undefined;
        return changed(layer, {
          close: () => {
            closing ??= layer.close().finally(() => writing.delete(path));
            return closing;
          },
        });
      },
      remove: async (name) => {
        refuse(name);
        await sound.remove(name);
      },
    };
  },
});
