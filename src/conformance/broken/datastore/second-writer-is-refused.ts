import type { Layer } from "pagurus";
import { changed } from "../changed.ts";
import { overFiles } from "./over-files.ts";

interface Writer {
  readonly layer: Layer;
  users: number;
}

/** Once a writer has flushed, whoever comes next is given it too; it is closed when the last has gone. */
export default overFiles({
  datastore: (sound) => {
    const flushed = new Map<string, Writer>();
    const give = (name: string, writer: Writer): Layer => {
      writer.users++;
      let closed = false;
      return changed(writer.layer, {
        flush: async () => {
          await writer.layer.flush();
          flushed.set(name, writer);
        },
        close: async () => {
          if (closed) return;
          closed = true;
          writer.users--;
          if (writer.users > 0) return;
          flushed.delete(name);
          await writer.layer.close();
        },
      });
    };
    return {
      open: async (name, options) => {
        if (options.readOnly) return sound.open(name, options);
        return give(name, flushed.get(name) ?? { layer: await sound.open(name, options), users: 0 });
      },
    };
  },
});
