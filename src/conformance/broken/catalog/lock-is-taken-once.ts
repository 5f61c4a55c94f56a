import { overCatalog } from "./over.ts";

/** Gives the lock that it has to whoever of its own asks again. */
export default overCatalog((catalog) => {
  let held: ReturnType<typeof catalog.lock> | undefined;
  return {
    async lock() {
      held ??= catalog.lock();
      const { release } = await held;
      return {
        async release() {
          held = undefined;
          await release();
        },
      };
    },
  };
});
