import { overFiles } from "./over-files.ts";

/** A flush is answered before storage has answered; closing waits for it. */
export default overFiles({
  layer: (sound) => {
    const syncs: Promise<void>[] = [];
    return {
      flush: async () => {
        syncs.push(new Promise((resolve) => setImmediate(() => sound.flush().then(resolve, resolve))));
      },
      close: async () => {
        await Promise.all(syncs);
        await sound.close();
      },
    };
  },
});
