import type { ExportEntry } from "pagurus";
import {
  ALLOCATION_CONTEXT,
  Info,
  NBD_MAGIC,
  OPTION_MAGIC,
  OPTION_REPLY_MAGIC,
  OptionReply,
  TransmissionFlag,
} from "./protocol.ts";

/** The first bytes of a connection. */
export const greeting = (handshakeFlags: number): Buffer => {
  const bytes = Buffer.alloc(18);
  bytes.write(NBD_MAGIC + OPTION_MAGIC, 0, "latin1");
  bytes.writeUInt16BE(handshakeFlags, 16);
  return bytes;
};

export const optionReply = (option: number, type: number, data: Uint8Array = new Uint8Array(0)): Buffer => {
  const head = Buffer.alloc(20);
  head.writeUInt32BE(OPTION_REPLY_MAGIC[0], 0);
  head.writeUInt32BE(OPTION_REPLY_MAGIC[1], 4);
  head.writeUInt32BE(option, 8);
  head.writeUInt32BE(type, 12);
  head.writeUInt32BE(data.length, 16);
  return Buffer.concat([head, data]);
};

/** A flush covers every connection, so clients may open several. */
const transmissionFlags = (structured: boolean): number =>
  TransmissionFlag.hasFlags |
  TransmissionFlag.flush |
  TransmissionFlag.fua |
  TransmissionFlag.trim |
  TransmissionFlag.writeZeroes |
  TransmissionFlag.multiConnection |
  (structured ? TransmissionFlag.dontFragment : 0);

const sizeAndFlags = (entry: ExportEntry, structured: boolean): Buffer => {
  const bytes = Buffer.alloc(10);
  bytes.writeBigUInt64BE(BigInt(entry.sizeBytes), 0);
  bytes.writeUInt16BE(transmissionFlags(structured), 8);
  return bytes;
};

/** EXPORT_NAME's answer, which has no header. */
export const exportNameReply = (entry: ExportEntry, structured: boolean, zeroes: boolean): Buffer =>
  Buffer.concat([sizeAndFlags(entry, structured), Buffer.alloc(zeroes ? 124 : 0)]);

const info = (type: number, data: Uint8Array): Buffer => {
  const head = Buffer.alloc(2);
  head.writeUInt16BE(type);
  return Buffer.concat([head, data]);
};

/** What INFO and GO answer before their acknowledgement. Block sizes go out unasked too: we insist on them. */
export const infoReplies = (
  option: number,
  entry: ExportEntry,
  structured: boolean,
  asked: readonly number[],
): readonly Buffer[] => {
  const { minimum, preferred, maximum } = entry.blockSizes;
  const sizes = Buffer.alloc(12);
  sizes.writeUInt32BE(minimum, 0);
  sizes.writeUInt32BE(preferred, 4);
  sizes.writeUInt32BE(maximum, 8);
  const infos = [info(Info.export, sizeAndFlags(entry, structured)), info(Info.blockSize, sizes)];
  if (asked.includes(Info.name)) infos.push(info(Info.name, Buffer.from(entry.name)));
  return infos.map((data) => optionReply(option, OptionReply.info, data));
};

export const serverReply = (option: number, entry: ExportEntry): Buffer => {
  const name = Buffer.from(entry.name);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(name.length);
  return optionReply(option, OptionReply.server, Buffer.concat([length, name]));
};

export const contextReply = (option: number, id: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(id);
  return optionReply(
    option,
    OptionReply.metaContext,
    Buffer.concat([bytes, Buffer.from(ALLOCATION_CONTEXT)]),
  );
};
