import { overNbd } from "./over.ts";

const blockBytes = 4096;

/** Writes whole blocks: reads what is beside the bytes, and writes it back. */
export default overNbd({
  connection: (sound, { sizeBytes }) => ({
    write(offset, from) {
      const start = Math.floor(offset / blockBytes) * blockBytes;
      const end = Math.min(Math.ceil((offset + from.length) / blockBytes) * blockBytes, sizeBytes);
      if (end - start === from.length) return sound.write(offset, from);
      const blocks = new Uint8Array(end - start);
      const patched = () => {
        blocks.set(from, offset - start);
        return sound.write(start, blocks);
      };
      const reading = sound.read(start, blocks);
      return reading === undefined ? patched() : reading.then(patched);
    },
  }),
});
