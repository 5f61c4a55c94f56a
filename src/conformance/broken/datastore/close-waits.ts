import { setImmediate } from "node:timers/promises";
import { overMemory } from "./over.ts";

/** Closes while writes are under way. */
export default overMemory({
  layer: (sound) => ({
    write: async (offset, from) => {
      const bytes = new Uint8Array(from);
      await setImmediate();
      await sound.write(offset, bytes);
    },
  }),
});
