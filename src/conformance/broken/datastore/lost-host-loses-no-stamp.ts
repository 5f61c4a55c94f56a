import type { Stamp } from "pagurus";
import { overElsewhere } from "./over-files.ts";
import { Notes } from "./over-notes.ts";

/** A new stamp is known to its host alone; others are told the one before. */
export default overElsewhere({
  datastore: (sound, place) => {
    const notes = new Notes<Stamp>(place, "stamp");
    return {
      stamp: async (name, stamp) => {
        const info = await sound.inspect(name);
        await sound.stamp(name, stamp);
        if (info) notes.keep(name, info.stamp);
      },
      inspect: async (name) => {
        const info = await sound.inspect(name);
        return info && { ...info, stamp: notes.others(name) ?? info.stamp };
      },
      remove: async (name) => {
        await sound.remove(name);
        notes.forget(name);
      },
    };
  },
});
