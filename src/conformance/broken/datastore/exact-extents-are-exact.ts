import { overMemory } from "./over.ts";

export const alsoCaughtBy = ["Random operations on a layer and on an array"];

/** Knows nothing of what was written since the last flush, and calls that exact. */
export default overMemory({
  layer: (sound) => {
    let unflushed = false;
    return {
      write: (offset, from) => {
        const writing = sound.write(offset, from);
        unflushed = true;
        return writing;
      },
      flush: async () => {
        await sound.flush();
        unflushed = false;
      },
      async *extents(offset, length) {
        if (!unflushed) yield* sound.extents(offset, length);
        else if (length > 0) yield { offset, length, kind: "zero" };
      },
    };
  },
});
