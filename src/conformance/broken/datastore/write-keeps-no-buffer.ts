import { overMemory } from "./over.ts";

export const alsoCaughtBy = ["Random operations on a layer and on an array"];

/** Writes what it was given once more at a flush, as it is by then. */
export default overMemory({
  layer: (sound) => {
    let kept: (() => void | Promise<void>)[] = [];
    return {
      write: (offset, from) => {
        kept.push(() => sound.write(offset, from));
        return sound.write(offset, from);
      },
      zero: (offset, length) => {
        kept = [];
        return sound.zero(offset, length);
      },
      flush: async () => {
        for (const write of kept) await write();
        kept = [];
        await sound.flush();
      },
    };
  },
});
