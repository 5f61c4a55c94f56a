import { overElsewhere } from "./over-files.ts";
import { Notes } from "./over-notes.ts";

/** A new layer is known to its host alone until that has opened it. */
export default overElsewhere({
  datastore: (sound, place) => {
    const notes = new Notes<true>(place, "new");
    return {
      create: async (spec) => {
        await sound.create(spec);
        notes.keep(spec.layer, true);
      },
      open: async (name, options) => {
        const layer = await sound.open(name, options);
        notes.forget(name);
        return layer;
      },
      remove: async (name) => {
        await sound.remove(name);
        notes.forget(name);
      },
      inspect: async (name) => (notes.others(name) ? undefined : sound.inspect(name)),
    };
  },
});
