import { overWire } from "./over-wire.ts";
import { headOf } from "./over-wire-messages.ts";

const headBytes = 28;

/** Writes what it has of a write whose client is gone, and zeroes for the rest. */
export default overWire({
  rest(bytes) {
    if (bytes.length < headBytes) return bytes;
    return Buffer.concat([bytes, Buffer.alloc(headBytes + headOf(bytes).length - bytes.length)]);
  },
});
