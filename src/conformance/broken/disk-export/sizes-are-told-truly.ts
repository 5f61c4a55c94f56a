import { overNbd } from "./over.ts";

const blockBytes = 4096;

/** Rounds sizes to whole blocks. */
export default overNbd({
  disk: (sound) => ({
    get sizeBytes() {
      return Math.ceil(sound.sizeBytes / blockBytes) * blockBytes;
    },
  }),
});
