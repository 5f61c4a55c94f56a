import { overNbd } from "./over.ts";

/** Uses the buffers of a client for something else as soon as the client is gone. */
export default overNbd({
  connection(sound) {
    const buffers = new Set<Uint8Array>();
    return {
      write(offset, from) {
        const writing = sound.write(offset, from);
        if (writing === undefined) return undefined;
        const ended = () => void buffers.delete(from);
        buffers.add(from);
        writing.then(ended, ended);
        return writing;
      },
      close() {
        for (const buffer of buffers) buffer.fill(0xdd);
        return sound.close();
      },
    };
  },
});
