import { overNbd } from "./over.ts";
import { keepingReads } from "./over-known.ts";

/** Keeps what a client has read until that client writes. */
export default overNbd({ connection: (sound) => keepingReads(sound, new Map()) });
