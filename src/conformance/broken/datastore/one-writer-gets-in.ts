import type { Layer } from "pagurus";
import { overFiles } from "./over-files.ts";

/** Who comes while the layer is being opened for another gets what that one gets. */
export default overFiles({
  datastore: (sound) => {
    const opening = new Map<string, Promise<Layer>>();
    return {
      open: (name, options) => {
        const known = opening.get(name);
        if (known && !options.readOnly) return known;
        const layer = sound.open(name, options).finally(() => opening.delete(name));
        if (!options.readOnly) opening.set(name, layer);
        return layer;
      },
    };
  },
});
