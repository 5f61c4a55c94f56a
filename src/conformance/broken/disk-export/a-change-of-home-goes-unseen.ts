import { CodedError } from "../../../contract/index.ts";
import { overNbd } from "./over.ts";

/** Remembers that a disk's store was full. */
export default overNbd({
  connection(sound) {
    let full: unknown;
    return {
      write(offset, from) {
        if (full !== undefined) throw full;
        try {
          return sound.write(offset, from);
        } catch (error) {
          if (CodedError.is(error, "no-space")) full = error;
          throw error;
        }
      },
    };
  },
});
