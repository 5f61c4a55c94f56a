import { overHash } from "./over.ts";

/** Marks the end of a short content in its own buffer, where the padding would begin. */
export default overHash((sound) => ({
  digest(bytes) {
    const signature = sound.digest(bytes);
    if (bytes.length % 64 === 63) bytes[bytes.length - 1] = 0x80;
    return signature;
  },
}));
