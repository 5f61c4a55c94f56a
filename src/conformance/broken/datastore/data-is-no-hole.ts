import { overMemory } from "./over.ts";

export const alsoCaughtBy = ["Random operations on a layer and on an array"];

const block = 64 * 1024;

/** Calls a block a hole whose first sector is zero. */
export default overMemory({
  layer: (sound) => ({
    async *extents(offset, length) {
      for await (const extent of sound.extents(offset, length))
        for (let at = extent.offset; at < extent.offset + extent.length; ) {
          const start = Math.floor(at / block) * block;
          const end = Math.min(start + block, extent.offset + extent.length);
          const sector = new Uint8Array(512);
          await sound.read(start, sector);
          const empty = sector.every((byte) => byte === 0);
          yield { offset: at, length: end - at, kind: empty ? "zero" : extent.kind };
          at = end;
        }
    },
  }),
});
