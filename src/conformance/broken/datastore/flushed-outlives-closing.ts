import { overMemory } from "./over.ts";

export const alsoCaughtBy = ["Random operations on a layer and on an array"];

const page = 4096;

/** Keeps whole pages, and loses the ends of a write when the layer is closed. */
export default overMemory({
  layer: (sound) => {
    let ends: (() => void | Promise<void>)[] = [];
    return {
      write: (offset, from) => {
        const writing = sound.write(offset, from);
        const end = offset + from.length;
        if (offset % page > 0) ends.push(() => sound.zero(offset, page - (offset % page)));
        if (end % page > 0) ends.push(() => sound.zero(end - (end % page), end % page));
        return writing;
      },
      close: async () => {
        for (const lose of ends) await lose();
        ends = [];
        await sound.close();
      },
    };
  },
});
