import { overFiles } from "./over-files.ts";

/** A flush is answered before storage has answered, unless another is under way; closing waits for all. */
export default overFiles({
  layer: (sound) => {
    const syncs = new Set<Promise<void>>();
    const all = () => Promise.all(syncs);
    return {
      flush: async () => {
        if (syncs.size > 0) {
          await all();
          return sound.flush();
        }
        const sync = new Promise<void>((resolve) => {
          setImmediate(() => sound.flush().then(resolve, resolve));
        });
        syncs.add(sync);
        sync.then(() => syncs.delete(sync));
      },
      close: async () => {
        await all();
        await sound.close();
      },
    };
  },
});
