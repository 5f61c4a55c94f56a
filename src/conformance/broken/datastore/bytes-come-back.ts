import { overMemory } from "./over.ts";

export const alsoCaughtBy = ["Random operations on a layer and on an array"];

const page = 4096;

/** Writes whole pages, with zeroes around what it was given. */
export default overMemory({
  layer: (sound) => ({
    write: (offset, from) => {
      if (from.length === 0) return;
      const start = Math.floor(offset / page) * page;
      const pages = new Uint8Array(Math.ceil((offset + from.length) / page) * page - start);
      pages.set(from, offset - start);
      return sound.write(start, pages);
    },
  }),
});
