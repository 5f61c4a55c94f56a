import { overMemory } from "./over.ts";

export const alsoCaughtBy = ["Random operations on a layer and on an array"];

/** Tells of data alone. */
export default overMemory({
  layer: (sound) => ({
    async *extents(offset, length) {
      for await (const extent of sound.extents(offset, length)) if (extent.kind === "data") yield extent;
    },
  }),
});
