import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { overMemory } from "./over.ts";

/** Keeps a megabyte of the store's space for every layer that was removed. */
export default overMemory({
  datastore: (sound, { dataDir }) => ({
    remove: async (layer) => {
      const { sizeBytes = 0 } = (await sound.inspect(layer)) ?? {};
      await sound.remove(layer);
      await appendFile(join(dataDir, "removed"), Buffer.alloc(Math.min(sizeBytes, 1024 * 1024), 1));
    },
  }),
});
