import { setImmediate } from "node:timers/promises";
import { CodedError } from "pagurus";
import { overCatalog } from "./over.ts";

/** Who has the lock of which catalog in this process. */
const holders = new Map<string, symbol>();

/** Looks whether anybody in its process has the lock, and takes it a moment later. */
export default overCatalog((catalog) => {
  const { location } = catalog;
  const mine = Symbol("holder");
  const letGo = () => {
    if (holders.get(location) === mine) holders.delete(location);
  };
  return {
    async lock() {
      const taken = holders.has(location);
      await setImmediate();
      if (taken) throw new CodedError("catalog-locked", { catalog: location });
      const sound = await catalog.lock().catch((error: unknown) => {
        if (!holders.has(location)) throw error;
      });
      holders.set(location, mine);
      return {
        async release() {
          letGo();
          await sound?.release();
        },
      };
    },
    async stop() {
      letGo();
      await catalog.stop?.();
    },
  };
});
