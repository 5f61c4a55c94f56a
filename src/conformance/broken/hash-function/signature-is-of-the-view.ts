import { overHash } from "./over.ts";

/** Looks at the buffer from its first byte on, wherever the content begins. */
export default overHash((sound) => ({
  digest: (bytes) => sound.digest(new Uint8Array(bytes.buffer, 0, bytes.length)),
}));
