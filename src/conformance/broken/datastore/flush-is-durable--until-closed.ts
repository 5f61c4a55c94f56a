import { overFiles } from "./over-files.ts";

export const alsoCaughtBy = ["The power fails at some moment of a host's work"];

const REWRITTEN_BYTES = 64 * 1024;

/** What a layer begins with is tidied up when it is closed: cleared and written anew, and not synced. */
export default overFiles({
  layer: (sound) => {
    let closing: Promise<void> | undefined;
    const tidy = () => {
      const content = Buffer.alloc(Math.min(REWRITTEN_BYTES, sound.sizeBytes));
      sound.read(0, content);
      sound.zero(0, content.length);
      sound.write(0, content);
    };
    return {
      close: () => {
        try {
          if (closing === undefined) tidy();
        } catch {
          // It is open for reading only.
        }
        closing ??= sound.close();
        return closing;
      },
    };
  },
});
