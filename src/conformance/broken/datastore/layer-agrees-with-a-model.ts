import { overMemory } from "./over.ts";

/** Loses the part of a write that lies in what was zeroed before, where the write goes on beyond it. */
export default overMemory({
  layer: (sound) => {
    const zeroed: { readonly from: number; readonly to: number }[] = [];
    return {
      zero: (offset, length) => {
        zeroed.push({ from: offset, to: offset + length });
        return sound.zero(offset, length);
      },
      write: (offset, bytes) => {
        void sound.write(offset, bytes);
        const { to = offset } =
          zeroed.find(({ from, to }) => from < offset && offset < to && to < offset + bytes.length) ?? {};
        return sound.zero(offset, to - offset);
      },
    };
  },
});
