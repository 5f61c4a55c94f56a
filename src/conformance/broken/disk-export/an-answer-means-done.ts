import { overNbd } from "./over.ts";

const blockBytes = 4096;

/** Gathers writes of single blocks and answers them before they are done. */
export default overNbd({
  connection: (sound) => ({
    write(offset, from) {
      if (from.length !== blockBytes) return sound.write(offset, from);
      const writing = sound.write(offset, from.slice());
      writing?.catch(() => undefined);
      return undefined;
    },
  }),
});
