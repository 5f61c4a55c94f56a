import { overWire } from "./over-wire.ts";

/** Hangs up on its clients before it lets go of a disk. */
export default overWire({ hangsUpFirst: true });
