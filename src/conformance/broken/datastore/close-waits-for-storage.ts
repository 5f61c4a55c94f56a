import { overFiles } from "./over-files.ts";

/** A close that comes during a flush is answered at once. */
export default overFiles({
  layer: (sound) => {
    let flushes = 0;
    return {
      flush: async () => {
        flushes++;
        await sound.flush().finally(() => flushes--);
      },
      close: async () => {
        const closed = sound.close();
        if (flushes === 0) await closed;
      },
    };
  },
});
