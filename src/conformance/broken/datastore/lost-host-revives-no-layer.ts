import type { LayerInfo } from "pagurus";
import { overElsewhere } from "./over-files.ts";
import { Notes } from "./over-notes.ts";

/** That a layer was removed is known to its host alone; others still see it. */
export default overElsewhere({
  datastore: (sound, place) => {
    const notes = new Notes<LayerInfo>(place, "removed");
    return {
      create: async (spec) => {
        await sound.create(spec);
        notes.forget(spec.layer);
      },
      inspect: async (name) => (await sound.inspect(name)) ?? notes.others(name),
      remove: async (name) => {
        const info = await sound.inspect(name);
        await sound.remove(name);
        if (info) notes.keep(name, info);
      },
    };
  },
});
