import { overWire } from "./over-wire.ts";

/** Keeps in memory what the disk doesn't take, however much it is. */
export default overWire({ takesAll: true });
