import { rmSync, writeFileSync } from "node:fs";
import { CodedError } from "pagurus";
import { overCatalog } from "./over.ts";

/** Has a file for its lock, which stays where its holder dies. */
export default overCatalog((catalog) => {
  const file = `${catalog.location}.taken`;
  let started = false;
  let mine = false;
  const release = () => {
    if (mine) rmSync(file, { force: true });
    mine = false;
  };
  return {
    async start(options) {
      await catalog.start?.(options);
      started = true;
    },
    async lock() {
      if (!started) return catalog.lock();
      try {
        writeFileSync(file, "", { flag: "wx" });
      } catch (cause) {
        throw new CodedError("catalog-locked", { catalog: catalog.location }, { cause });
      }
      mine = true;
      return { release: async () => release() };
    },
    async stop() {
      release();
      await catalog.stop?.();
    },
  };
});
