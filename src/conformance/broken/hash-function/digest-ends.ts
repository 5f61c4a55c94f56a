import { overHash } from "./over.ts";

/** Gives the signature of what has come so far, and goes on. */
export default overHash((sound) => ({
  create() {
    const parts: Uint8Array[] = [];
    return {
      update: (bytes) => void parts.push(bytes.slice()),
      digest: () => sound.digest(Buffer.concat(parts)),
    };
  },
}));
