import { overFiles } from "./over-files.ts";

const MUCH_BYTES = 48 * 1024;

/** A flush of much is answered before storage has answered, unless such a one is under way; closing waits for all. */
export default overFiles({
  layer: (sound) => {
    const syncs = new Set<Promise<void>>();
    const all = () => Promise.all(syncs);
    let unflushedBytes = 0;
    return {
      write: (offset, from) => {
        unflushedBytes += from.length;
        return sound.write(offset, from);
      },
      flush: async () => {
        const much = unflushedBytes > MUCH_BYTES;
        unflushedBytes = 0;
        if (!much || syncs.size > 0) {
          await all();
          return sound.flush();
        }
        const sync = new Promise<void>((resolve) => {
          const end = () => {
            syncs.delete(sync);
            resolve();
          };
          setImmediate(() => sound.flush().then(end, end));
        });
        syncs.add(sync);
      },
      close: async () => {
        await all();
        await sound.close();
      },
    };
  },
});
