import { overFiles } from "./over-files.ts";

/** Once a write has found no room, every later one is refused. */
export default overFiles({
  layer: (sound) => {
    let refusal: unknown;
    return {
      write: (offset, from) => {
        if (refusal !== undefined) throw refusal;
        try {
          return sound.write(offset, from);
        } catch (error) {
          refusal = error;
          throw error;
        }
      },
    };
  },
});
