import { CodedError } from "pagurus";
import { overFiles } from "./over-files.ts";

/** A write that finds no room is refused as if the storage had failed. */
export default overFiles({
  layer: (sound) => ({
    write: (offset, from) => {
      try {
        return sound.write(offset, from);
      } catch (cause) {
        if (!CodedError.is(cause, "no-space")) throw cause;
        const failed = { ...sound.ref, operation: "write", offset, length: from.length };
        throw new CodedError("layer-io-failed", { ...failed, reason: "ENOSPC" }, { cause });
      }
    },
  }),
});
