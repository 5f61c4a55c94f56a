import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Datastore } from "pagurus";
import { changed } from "../changed.ts";
import { overFiles } from "./over-files.ts";

/** Gives the layer back the length that it had when a writer opened it who never closed it. */
const rollBack = async (sound: Datastore, layer: string, kept: string): Promise<void> => {
  if (!existsSync(kept)) return;
  const sizeBytes = (await sound.inspect(layer))?.sizeBytes ?? 0;
  const writer = await sound.open(layer, { sizeBytes }).catch(() => undefined);
  await writer?.resize(Number(await readFile(kept, "utf8")));
  await writer?.close();
};

/** How long a layer was when it was opened is kept beside the store, and holds again where its writer didn't close it. */
export default overFiles({
  datastore: (sound, { dataDir }) => ({
    open: async (name, options) => {
      const kept = join(`${dataDir}.lengths`, name);
      await rollBack(sound, name, kept);
      const layer = await sound.open(name, options);
      if (options.readOnly) return layer;
      await mkdir(`${dataDir}.lengths`, { recursive: true });
      await writeFile(kept, `${(await sound.inspect(name))?.sizeBytes}`);
      const close = async () => {
        await layer.close();
        await rm(kept, { force: true });
      };
      return changed(layer, { close });
    },
  }),
});
