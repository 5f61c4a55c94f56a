import { overNbd } from "./over.ts";

/** Reads at offsets of 32 bits. */
export default overNbd({
  connection: (sound) => ({ read: (offset, into) => sound.read(offset % 2 ** 32, into) }),
});
