import { changed } from "../changed.ts";
import { overElsewhere } from "./over-files.ts";
import { Notes } from "./over-notes.ts";

export const alsoCaughtBy = ["A host is lost at some moment of its work"];

/** A new length is known to its host alone; others are told the one before. */
export default overElsewhere({
  datastore: (sound, place) => {
    const notes = new Notes<number>(place, "length");
    return {
      open: async (name, options) => {
        const layer = await sound.open(name, options);
        const resize = async (sizeBytes: number) => {
          const info = await sound.inspect(name);
          await layer.resize(sizeBytes);
          if (info) notes.keep(name, info.sizeBytes);
        };
        return changed(layer, { resize });
      },
      inspect: async (name) => {
        const info = await sound.inspect(name);
        return info && { ...info, sizeBytes: notes.others(name) ?? info.sizeBytes };
      },
      remove: async (name) => {
        await sound.remove(name);
        notes.forget(name);
      },
    };
  },
});
