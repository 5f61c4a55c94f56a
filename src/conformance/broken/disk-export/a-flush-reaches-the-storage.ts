import { overNbd } from "./over.ts";

/** Answers a flush that takes its time before it has ended; durable writes alone wait for it. */
export default overNbd({
  connection(sound) {
    let writing = false;
    return {
      write(offset, from) {
        writing = true;
        setImmediate(() => {
          writing = false;
        });
        return sound.write(offset, from);
      },
      async flush() {
        const flushing = sound.flush();
        await (writing ? flushing : Promise.race([flushing, new Promise(setImmediate)]));
      },
    };
  },
});
