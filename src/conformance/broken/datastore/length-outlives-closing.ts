import { overMemory } from "./over.ts";

export const alsoCaughtBy = ["Random operations on a layer and on an array"];

/** Closes a layer with the length that it was opened with. */
export default overMemory({
  layer: (sound) => {
    const opened = sound.sizeBytes;
    return {
      close: async () => {
        if (sound.sizeBytes !== opened) await sound.resize(opened);
        await sound.close();
      },
    };
  },
});
