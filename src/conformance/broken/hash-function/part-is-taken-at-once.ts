import { overHash } from "./over.ts";

/** Keeps the buffers of the parts until the digest ends. */
export default overHash((sound) => ({
  create() {
    const digest = sound.create();
    const parts: Uint8Array[] = [];
    let ended = false;
    return {
      update(bytes) {
        if (ended) throw new TypeError("the digest has ended");
        parts.push(bytes);
      },
      digest() {
        for (const part of parts) digest.update(part);
        ended = true;
        return digest.digest();
      },
    };
  },
}));
