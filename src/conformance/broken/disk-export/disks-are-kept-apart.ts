import { overNbd } from "./over.ts";
import { keepingReads } from "./over-known.ts";

/** Keeps what was read until something is written, and gives it for any disk. */
export default overNbd(() => {
  const known = new Map<string, Uint8Array>();
  return { connection: (sound) => keepingReads(sound, known) };
});
