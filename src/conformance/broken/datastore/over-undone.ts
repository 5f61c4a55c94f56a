import type { Layer, Plugin } from "../../../contract/index.ts";
import { changed } from "../changed.ts";
import { overElsewhere } from "./over-files.ts";
import { Notes } from "./over-notes.ts";

/** What a range held, in base64. */
type Undo = readonly (readonly [offset: number, bytes: string])[];

/** Layers whose other hosts find nothing of some changes until they are settled or the layer is closed: they are undone there. */
export const overUndone = (
  changes: (
    layer: Layer,
    note: (offset: number, length: number) => void,
    settle: () => void,
  ) => Partial<Layer>,
): Plugin =>
  overElsewhere({
    datastore: (sound, place) => {
      const notes = new Notes<Undo>(place, "undo");
      return {
        open: async (name, options) => {
          const layer = await sound.open(name, options);
          for (const [offset, bytes] of [...(notes.others(name) ?? [])].reverse())
            await layer.write(offset, Buffer.from(bytes, "base64"));
          if (options.readOnly) return layer;
          notes.forget(name);
          const note = (offset: number, length: number) => {
            const held = Buffer.alloc(length);
            void layer.read(offset, held);
            notes.keep(name, [...(notes.own(name) ?? []), [offset, held.toString("base64")]]);
          };
          const settle = () => notes.forget(name);
          const close = async () => {
            await layer.close();
            settle();
          };
          return changed(layer, { close, ...changes(layer, note, settle) });
        },
      };
    },
  });
