import { overMemory } from "./over.ts";

export const alsoCaughtBy = ["Random operations on a layer and on an array"];

/** Keeps two versions of each place, the first two. */
export default overMemory({
  layer: (sound) => {
    const written: { readonly from: number; readonly to: number }[] = [];
    return {
      write: (offset, bytes) => {
        const to = offset + bytes.length;
        const versions = written.filter((earlier) => earlier.from <= offset && earlier.to >= to);
        written.push({ from: offset, to });
        return versions.length < 2 ? sound.write(offset, bytes) : undefined;
      },
    };
  },
});
