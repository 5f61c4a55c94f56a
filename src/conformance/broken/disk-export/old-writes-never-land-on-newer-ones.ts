import { overWire } from "./over-wire.ts";

/** Goes on with all that a client has sent, whether or not it is still there. */
export default overWire({ outlivesClients: true });
