import { overMemory } from "./over.ts";

export const alsoCaughtBy = ["Random operations on a layer and on an array"];

/** Reads what was once zeroed as zeroes for ever. */
export default overMemory({
  layer: (sound) => {
    const zeroed: { readonly offset: number; readonly length: number }[] = [];
    return {
      zero: (offset, length) => {
        const zeroing = sound.zero(offset, length);
        zeroed.push({ offset, length });
        return zeroing;
      },
      read: (offset, into) => {
        const reading = sound.read(offset, into);
        for (const { offset: from, length } of zeroed)
          into.fill(0, Math.max(0, from - offset), Math.max(0, from + length - offset));
        return reading;
      },
    };
  },
});
