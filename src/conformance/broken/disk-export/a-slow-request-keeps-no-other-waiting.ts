import { overNbd } from "./over.ts";

/** Has reads wait for the writes that are under way. */
export default overNbd({
  connection(sound) {
    const writes = new Set<Promise<void>>();
    return {
      write(offset, from) {
        const writing = sound.write(offset, from);
        if (writing === undefined) return undefined;
        const ended = () => void writes.delete(writing);
        writes.add(writing);
        writing.then(ended, ended);
        return writing;
      },
      read(offset, into) {
        if (writes.size === 0) return sound.read(offset, into);
        return Promise.allSettled(writes).then(() => sound.read(offset, into));
      },
    };
  },
});
