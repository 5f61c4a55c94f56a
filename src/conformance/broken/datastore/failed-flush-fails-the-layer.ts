import { CodedError } from "pagurus";
import { overFiles } from "./over-files.ts";

/** A flush after a failed one finds nothing left to sync, and is answered. */
export default overFiles({
  layer: (sound) => ({
    flush: async () => {
      await sound.flush().catch((error: unknown) => {
        if (!CodedError.is(error, "layer-failed")) throw error;
      });
    },
  }),
});
