import { CodedError } from "pagurus";
import { overFiles } from "./over-files.ts";

/** A flush whose sync fails is answered as if it were done; the next one is refused. */
export default overFiles({
  layer: (sound) => {
    let failed = false;
    return {
      flush: async () => {
        if (failed) return sound.flush();
        await sound.flush().catch((error: unknown) => {
          if (CodedError.is(error, "layer-closed")) throw error;
          failed = true;
        });
      },
    };
  },
});
