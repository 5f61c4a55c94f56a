import { overWire } from "./over-wire.ts";

const codesWithName = [6, 7, 10];

/** Takes no notice of the name that a client asks for: there is only one disk here. */
export default overWire({
  message({ kind, bytes }, _, { name }) {
    if (kind !== "option" || !codesWithName.includes(bytes.readUInt32BE(8))) return bytes;
    const asked = bytes.readUInt32BE(16);
    const own = Buffer.from(name);
    const known = Buffer.concat([bytes.subarray(0, 20), own, bytes.subarray(20 + asked)]);
    known.writeUInt32BE(known.length - 16, 12);
    known.writeUInt32BE(own.length, 16);
    return known;
  },
});
