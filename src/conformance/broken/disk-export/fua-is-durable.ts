import { overWire } from "./over-wire.ts";

const flagsAt = 4;
const fua = 1;

/** Takes no notice of a write's having to be durable. */
export default overWire({
  message({ kind, bytes }) {
    if (kind !== "request") return bytes;
    const taken = Buffer.from(bytes);
    taken.writeUInt16BE(taken.readUInt16BE(flagsAt) & ~fua, flagsAt);
    return taken;
  },
});
