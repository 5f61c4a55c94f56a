import { overMemory } from "./over.ts";

/** Clears the buffer that it was given. */
export default overMemory({
  layer: (sound) => ({
    write: async (offset, from) => {
      await sound.write(offset, from);
      from.fill(0);
    },
  }),
});
