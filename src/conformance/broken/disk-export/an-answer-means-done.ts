import { overNbd } from "./over.ts";

const smallBytes = 32 * 1024;

export const alsoCaughtBy = ["Random requests to a disk that takes its time now and then"];

/** Gathers small writes and answers them before they are done. */
export default overNbd({
  connection: (sound) => ({
    write(offset, from) {
      if (from.length >= smallBytes) return sound.write(offset, from);
      const writing = sound.write(offset, from.slice());
      writing?.catch(() => undefined);
      return undefined;
    },
  }),
});
