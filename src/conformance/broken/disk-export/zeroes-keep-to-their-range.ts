import { overNbd } from "./over.ts";

const blockBytes = 4096;

export const alsoCaughtBy = ["Random requests to a disk that takes its time now and then"];

/** Zeroes whole blocks. */
export default overNbd({
  connection: (sound) => ({
    zero(offset, length, options) {
      const from = Math.floor(offset / blockBytes) * blockBytes;
      return sound.zero(from, Math.ceil((offset + length) / blockBytes) * blockBytes - from, options);
    },
  }),
});
