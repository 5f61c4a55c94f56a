import { overMemory } from "./over.ts";

/** Fails when it is stopped a second time. */
export default overMemory({
  datastore: () => {
    let stopped = false;
    return {
      stop: () => {
        if (stopped) throw new TypeError("it was stopped before");
        stopped = true;
      },
    };
  },
});
