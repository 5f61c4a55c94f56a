import { overCatalog } from "./over.ts";

/** Lets go of its lock when it is stopped, and keeps its connection. */
export default overCatalog((catalog) => {
  let held: { release(): Promise<void> } | undefined;
  return {
    async lock() {
      held = await catalog.lock();
      return held;
    },
    stop: async () => held?.release(),
  };
});
