import { overMemory } from "./over.ts";

export const alsoCaughtBy = ["Random operations on a layer and on an array"];

/** Brings back what was cut off when the layer grows again. */
export default overMemory({
  layer: (sound) => {
    let cut = { offset: 0, bytes: new Uint8Array() };
    return {
      resize: async (sizeBytes) => {
        const before = sound.sizeBytes;
        if (sizeBytes < before) {
          cut = { offset: sizeBytes, bytes: new Uint8Array(before - sizeBytes) };
          await sound.read(cut.offset, cut.bytes);
        }
        await sound.resize(sizeBytes);
        if (sizeBytes >= cut.offset + cut.bytes.length) await sound.write(cut.offset, cut.bytes);
      },
    };
  },
});
