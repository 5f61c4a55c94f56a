import { overNbd } from "./over.ts";

/** Has all reads of a client that wait filled in one place. */
export default overNbd({
  connection(sound, { blockSizes: { maximum } }) {
    const place = new Uint8Array(maximum);
    return {
      read(offset, into) {
        const part = place.subarray(0, into.length);
        const reading = sound.read(offset, part);
        const give = () => into.set(part);
        return reading === undefined ? give() : reading.then(give);
      },
    };
  },
});
