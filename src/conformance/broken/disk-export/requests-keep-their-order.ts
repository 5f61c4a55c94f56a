import { overNbd } from "./over.ts";

/** Gathers the writes of one turn of the event loop and hands them on, the last one first. */
export default overNbd({
  connection(sound) {
    const gathered: (() => void)[] = [];
    const handOn = () => {
      for (const write of gathered.splice(0).reverse()) write();
    };
    return {
      write: (offset, from) =>
        new Promise<void>((resolve, reject) => {
          if (gathered.length === 0) setImmediate(handOn);
          gathered.push(() => {
            new Promise<void>((ended) => ended(sound.write(offset, from))).then(resolve, reject);
          });
        }),
    };
  },
});
