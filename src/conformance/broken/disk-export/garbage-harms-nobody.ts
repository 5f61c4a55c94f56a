import { overWire } from "./over-wire.ts";

/** Hangs up on all clients of a disk when one of them breaks the protocol. */
export default overWire({
  garbage(wires) {
    for (const { client } of wires) client.destroy();
  },
});
