import type { ExportEntry } from "pagurus";
import type { MetaContext } from "./meta-contexts.ts";
import type { Negotiated } from "./negotiated.ts";
import {
  Info,
  NBD_MAGIC,
  OPTION_MAGIC,
  OPTION_REPLY_MAGIC,
  Option,
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

/** The data of an error is a sentence for the client's user. */
export const optionReply = (option: number, type: number, data: Uint8Array | string = ""): Buffer => {
  const bytes = Buffer.from(data);
  const head = Buffer.alloc(20);
  head.writeUInt32BE(OPTION_REPLY_MAGIC[0], 0);
  head.writeUInt32BE(OPTION_REPLY_MAGIC[1], 4);
  head.writeUInt32BE(option, 8);
  head.writeUInt32BE(type, 12);
  head.writeUInt32BE(bytes.length, 16);
  return Buffer.concat([head, bytes]);
};

const { hasFlags, flush, fua, cache, multiConnection } = TransmissionFlag;
/** A flush covers every connection, so clients may open several, also to read only. */
const ALWAYS = hasFlags | flush | fua | cache | multiConnection;
const { trim, writeZeroes, fastZero } = TransmissionFlag;
const WRITABLE = trim | writeZeroes | fastZero;

/** Never those of the store: a move must not change what a client was told. */
const transmissionFlags = ({ form, contexts, readOnly }: Negotiated): number =>
  ALWAYS |
  (readOnly ? TransmissionFlag.readOnly : WRITABLE) |
  (form === "simple" ? 0 : TransmissionFlag.dontFragment) |
  (form === "extended" && contexts !== 0 ? TransmissionFlag.blockStatusPayload : 0);

const sizeAndFlags = (entry: ExportEntry, negotiated: Negotiated): Buffer => {
  const bytes = Buffer.alloc(10);
  bytes.writeBigUInt64BE(BigInt(entry.sizeBytes), 0);
  bytes.writeUInt16BE(transmissionFlags(negotiated), 8);
  return bytes;
};

/** EXPORT_NAME's answer, which has no header. */
export const exportNameReply = (entry: ExportEntry, negotiated: Negotiated, zeroes: boolean): Buffer =>
  Buffer.concat([sizeAndFlags(entry, negotiated), Buffer.alloc(zeroes ? 124 : 0)]);

/** For people who look at a list of exports. */
const descriptionOf = ({ disk }: ExportEntry, readOnly: boolean): string =>
  `Pagurus disk ${disk}${readOnly ? ", read-only" : ""}`;

const info = (type: number, data: Uint8Array): Buffer => {
  const head = Buffer.alloc(2);
  head.writeUInt16BE(type);
  return Buffer.concat([head, data]);
};

/** What INFO and GO answer before their acknowledgement. Block sizes go out unasked too: we insist on them. */
export const infoReplies = (
  option: number,
  entry: ExportEntry,
  negotiated: Negotiated,
  asked: readonly number[],
): readonly Buffer[] => {
  const { minimum, preferred, maximum } = entry.blockSizes;
  const sizes = Buffer.alloc(12);
  sizes.writeUInt32BE(minimum, 0);
  sizes.writeUInt32BE(preferred, 4);
  sizes.writeUInt32BE(maximum, 8);
  const infos = [info(Info.export, sizeAndFlags(entry, negotiated)), info(Info.blockSize, sizes)];
  if (asked.includes(Info.name)) infos.push(info(Info.name, Buffer.from(entry.name)));
  if (asked.includes(Info.description))
    infos.push(info(Info.description, Buffer.from(descriptionOf(entry, negotiated.readOnly))));
  return infos.map((data) => optionReply(option, OptionReply.info, data));
};

export const serverReply = (option: number, entry: ExportEntry, readOnly: boolean): Buffer => {
  const name = Buffer.from(entry.name);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(name.length);
  return optionReply(
    option,
    OptionReply.server,
    Buffer.concat([length, name, Buffer.from(descriptionOf(entry, readOnly))]),
  );
};

export const contextReply = (option: number, { id, name }: MetaContext): Buffer => {
  const bytes = Buffer.alloc(4);
  // LIST's ids mean nothing and are to be zero.
  bytes.writeUInt32BE(option === Option.setMetaContext ? id : 0);
  return optionReply(option, OptionReply.metaContext, Buffer.concat([bytes, Buffer.from(name)]));
};
