import { existsSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { setImmediate } from "node:timers/promises";
import { CodedError } from "pagurus";
import { overCatalog } from "./over.ts";

/** Looks whether the lock is free, and takes it a moment later; between processes the sound one's is checked too. */
export default overCatalog((catalog) => {
  const file = `${catalog.location}.taken`;
  const locked = () => new CodedError("catalog-locked", { catalog: catalog.location });
  let started = false;
  return {
    async start(options) {
      await catalog.start?.(options);
      started = true;
    },
    async lock() {
      if (!started) return catalog.lock();
      const taken = existsSync(file);
      await setImmediate();
      if (taken) throw locked();
      const sound = await catalog.lock().catch(() => undefined);
      writeFileSync(file, "");
      return {
        async release() {
          await rm(file, { force: true });
          await sound?.release();
        },
      };
    },
  };
});
