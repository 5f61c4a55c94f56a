import { overWire } from "./over-wire.ts";

/** Keeps in memory what a client doesn't take, however much it is. */
export default overWire({ answersAll: true });
