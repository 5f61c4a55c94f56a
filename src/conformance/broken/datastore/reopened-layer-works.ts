import { CodedError } from "pagurus";
import { changed } from "../changed.ts";
import { overFiles } from "./over-files.ts";

/** A layer that has failed once fails for as long as its server runs, opened anew or not. */
export default overFiles({
  datastore: (sound) => {
    const failed = new Set<string>();
    return {
      open: async (name, options) => {
        if (failed.has(name))
          throw new CodedError("layer-failed", { datastore: sound.id, layer: name, reason: "it failed" });
        const layer = await sound.open(name, options);
        const flush = async () => {
          await layer.flush().catch((error: unknown) => {
            failed.add(name);
            throw error;
          });
        };
        return changed(layer, { flush });
      },
    };
  },
});
