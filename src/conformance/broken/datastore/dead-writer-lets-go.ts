import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { assertLayerName, CodedError } from "pagurus";
import { changed } from "../changed.ts";
import { overFiles } from "./over-files.ts";

export const alsoCaughtBy = ["A process is killed at some moment of its work"];

/** A folder beside the store says who writes to what; nobody takes away what a dead writer has left there. */
export default overFiles({
  datastore: (sound, { dataDir }) => ({
    open: async (name, options) => {
      assertLayerName(name);
      if (options.readOnly) return sound.open(name, options);
      const lock = join(`${dataDir}.locks`, name);
      await mkdir(`${dataDir}.locks`, { recursive: true });
      await mkdir(lock).catch(() => {
        throw new CodedError("layer-in-use", { datastore: sound.id, layer: name, holder: lock });
      });
      const unlock = () => rm(lock, { recursive: true, force: true });
      const layer = await sound.open(name, options).catch(async (error: unknown) => {
        await unlock();
        throw error;
      });
      let closing: Promise<void> | undefined;
      return changed(layer, {
        close: () => {
          closing ??= layer.close().finally(unlock);
          return closing;
        },
      });
    },
  }),
});
