import { overMemory } from "./over.ts";

/** Fills the buffer of the read before once more when the next one comes. */
export default overMemory({
  layer: (sound) => {
    let before: (() => void | Promise<void>) | undefined;
    return {
      read: (offset, into) => {
        void before?.();
        before = () => sound.read(offset, into);
        return sound.read(offset, into);
      },
    };
  },
});
