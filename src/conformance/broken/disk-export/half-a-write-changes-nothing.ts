import { overWire } from "./over-wire.ts";
import { headOf } from "./over-wire-messages.ts";

const headBytes = 28;
const maximumBytes = 32 * 1024 * 1024;

/** Writes what it has of a write whose client is gone, and zeroes for the rest. */
export default overWire({
  rest(bytes) {
    if (bytes.length < headBytes) return bytes;
    const { length } = headOf(bytes);
    if (length > maximumBytes) return bytes;
    return Buffer.concat([bytes, Buffer.alloc(headBytes + length - bytes.length)]);
  },
});
