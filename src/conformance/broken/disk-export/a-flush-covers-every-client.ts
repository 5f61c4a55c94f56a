import { after, overNbd } from "./over.ts";

/** Leaves out the flush of a client that hasn't written since its last one. */
export default overNbd({
  connection(sound) {
    let written = true;
    const changedNow = () => {
      written = true;
    };
    return {
      write: (offset, from) => after(sound.write(offset, from), changedNow),
      zero: (offset, length, options) => after(sound.zero(offset, length, options), changedNow),
      async flush() {
        if (!written) return;
        written = false;
        await sound.flush();
      },
    };
  },
});
