import { overNbd } from "./over.ts";

/** Takes no notice of how zeroes are to be made. */
export default overNbd({
  connection: (sound) => ({ zero: (offset, length) => sound.zero(offset, length) }),
});
