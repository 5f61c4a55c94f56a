import { overNbd } from "./over.ts";

/** Keeps what was read until something is written, and gives it for any disk. */
export default overNbd(() => {
  const known = new Map<string, Uint8Array>();
  return {
    connection: (sound) => ({
      read(offset, into) {
        const key = `${offset} ${into.length}`;
        const found = known.get(key);
        if (found) return into.set(found);
        const reading = sound.read(offset, into);
        if (reading === undefined) known.set(key, into.slice());
        return reading;
      },
      write(offset, from) {
        known.clear();
        return sound.write(offset, from);
      },
      zero(offset, length, options) {
        known.clear();
        return sound.zero(offset, length, options);
      },
    }),
  };
});
