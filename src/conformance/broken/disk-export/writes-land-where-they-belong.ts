import { overNbd } from "./over.ts";

/** Writes at offsets of 32 bits. */
export default overNbd({
  connection: (sound) => ({ write: (offset, from) => sound.write(offset % 2 ** 32, from) }),
});
