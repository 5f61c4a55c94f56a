import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { changed } from "../changed.ts";
import { overFiles } from "./over-files.ts";

const KEPT_BYTES = 128 * 1024;

/** What a layer held when it was opened is kept beside the store, and put back where its writer didn't close it. */
export default overFiles({
  datastore: (sound, { dataDir }) => ({
    open: async (name, options) => {
      const kept = join(`${dataDir}.kept`, name);
      if (existsSync(kept)) {
        const writer = await sound.open(name, { sizeBytes: options.sizeBytes }).catch(() => undefined);
        await writer?.write(0, await readFile(kept));
        await writer?.close();
      }
      const layer = await sound.open(name, options);
      if (options.readOnly) return layer;
      const content = Buffer.alloc(Math.min(KEPT_BYTES, options.sizeBytes));
      await layer.read(0, content);
      await mkdir(`${dataDir}.kept`, { recursive: true });
      await writeFile(kept, content);
      const close = async () => {
        await layer.close();
        await rm(kept, { force: true });
      };
      return changed(layer, { close });
    },
  }),
});
