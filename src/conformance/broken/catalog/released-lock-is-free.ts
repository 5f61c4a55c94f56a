import { overCatalog } from "./over.ts";

/** Answers that the lock is released, and lets go of it in the next turn. */
export default overCatalog((catalog) => ({
  async lock() {
    const { release } = await catalog.lock();
    return {
      async release() {
        setImmediate(() => void release());
      },
    };
  },
}));
