import { overHash } from "./over.ts";

/** Remembers the signatures of buffers, whatever they hold by now. */
export default overHash((sound) => {
  const known = new WeakMap<Uint8Array, Uint8Array>();
  return {
    digest(bytes) {
      const signature = known.get(bytes) ?? sound.digest(bytes);
      known.set(bytes, signature);
      return signature.slice();
    },
  };
});
