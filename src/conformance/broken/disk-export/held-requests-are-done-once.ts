import { overNbd } from "./over.ts";

/** Asks again for what did not end at once. */
export default overNbd({
  connection: (sound) => ({
    zero(offset, length, options) {
      const zeroing = sound.zero(offset, length, options);
      return zeroing?.then(() => sound.zero(offset, length, options));
    },
  }),
});
