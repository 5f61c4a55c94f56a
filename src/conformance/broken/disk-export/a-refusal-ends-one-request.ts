import { overNbd } from "./over.ts";

/** Fails all writes of a client that wait when one of them has failed. */
export default overNbd({
  connection(sound) {
    let waiting = 0;
    let failure: unknown;
    const follow = async (writing: Promise<void>) => {
      waiting++;
      await writing.catch((error: unknown) => {
        failure = error;
      });
      await new Promise(setImmediate);
      const failed = failure;
      waiting--;
      if (waiting === 0) failure = undefined;
      if (failed !== undefined) throw failed;
    };
    return {
      write(offset, from) {
        const writing = sound.write(offset, from);
        return writing === undefined ? undefined : follow(writing);
      },
    };
  },
});
