import { overHash } from "./over.ts";

/** Has one place for all signatures. */
export default overHash((sound) => {
  const place = new Uint8Array(sound.digestBytes);
  return {
    digest(bytes) {
      place.set(sound.digest(bytes));
      return place;
    },
  };
});
