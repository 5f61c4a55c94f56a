import { overNbd } from "./over.ts";

const largeBytes = 32 * 1024;

export const alsoCaughtBy = ["Random requests to a disk that takes its time now and then"];

/** Has one buffer for the large writes of a client. */
export default overNbd({
  connection(sound, { blockSizes: { maximum } }) {
    const buffer = new Uint8Array(maximum);
    return {
      write(offset, from) {
        if (from.length < largeBytes) return sound.write(offset, from);
        buffer.set(from);
        return sound.write(offset, buffer.subarray(0, from.length));
      },
    };
  },
});
