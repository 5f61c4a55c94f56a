import { overNbd } from "./over.ts";

/** Forgets to close the connection of a client that had nothing under way. */
export default overNbd({
  connection(sound) {
    let underWay = 0;
    return {
      write(offset, from) {
        const writing = sound.write(offset, from);
        if (writing === undefined) return undefined;
        underWay++;
        const ended = () => void underWay--;
        writing.then(ended, ended);
        return writing;
      },
      async close() {
        if (underWay > 0) await sound.close();
      },
    };
  },
});
