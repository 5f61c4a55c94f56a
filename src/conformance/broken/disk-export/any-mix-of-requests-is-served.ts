import { after, overNbd } from "./over.ts";

const blockBytes = 4096;
const longBytes = 32 * 1024;

/** Loses the last sector of a long read that begins within a block. */
export default overNbd({
  connection: (sound) => ({
    read: (offset, into) =>
      after(sound.read(offset, into), () => {
        if (offset % blockBytes !== 0 && into.length > longBytes) into.fill(0, into.length - 512);
      }),
  }),
});
