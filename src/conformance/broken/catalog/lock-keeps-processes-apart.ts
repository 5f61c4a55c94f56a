import { CodedError } from "pagurus";
import { overCatalog } from "./over.ts";

/** Who has the lock of which catalog, as far as this process knows. */
const holders = new Map<string, symbol>();

/** Keeps its lock in the memory of its process. */
export default overCatalog((catalog) => {
  let started = false;
  return {
    async start(options) {
      await catalog.start?.(options);
      started = true;
    },
    async lock() {
      if (!started) return catalog.lock();
      const { location } = catalog;
      if (holders.has(location)) throw new CodedError("catalog-locked", { catalog: location });
      const mine = Symbol("holder");
      holders.set(location, mine);
      return {
        async release() {
          if (holders.get(location) === mine) holders.delete(location);
        },
      };
    },
    async stop() {
      holders.delete(catalog.location);
      await catalog.stop?.();
    },
  };
});
