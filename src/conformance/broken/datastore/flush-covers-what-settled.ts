import { overFiles } from "./over-files.ts";

/** What is written while flushes are under way is held back until they are over: a flush asked for meanwhile misses it. */
export default overFiles({
  layer: (sound) => {
    let flushes = 0;
    const held: (() => void)[] = [];
    return {
      write: (offset, from) => {
        if (flushes === 0) return sound.write(offset, from);
        const bytes = from.slice();
        held.push(() => sound.write(offset, bytes));
      },
      flush: async () => {
        flushes++;
        await sound.flush().finally(() => flushes--);
        if (flushes === 0) for (const write of held.splice(0)) write();
      },
    };
  },
});
