import { overMemory } from "./over.ts";

/** Answers as if it had zeroed something in a closed layer. */
export default overMemory({
  layer: (sound) => {
    let closed = false;
    return {
      zero: (offset, length) => (closed ? undefined : sound.zero(offset, length)),
      close: () => {
        closed = true;
        return sound.close();
      },
    };
  },
});
