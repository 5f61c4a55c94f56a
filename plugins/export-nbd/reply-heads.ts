import { EXTENDED_REPLY_MAGIC, SIMPLE_REPLY_MAGIC, STRUCTURED_REPLY_MAGIC } from "./protocol.ts";

export const SIMPLE_BYTES = 16;
export const STRUCTURED_CHUNK_BYTES = 20;
export const EXTENDED_CHUNK_BYTES = 32;
/** What stands before a read's bytes, within a chunk. */
export const OFFSET_BYTES = 8;

/** Whose reply it is: the client's handle and, for extended replies, the offset of its request, as words. */
export interface Handle {
  readonly high: number;
  readonly low: number;
  readonly offsetHigh: number;
  readonly offsetLow: number;
}

/** What is kept of a request that is answered later. */
export const handleOf = ({ high, low, offsetHigh, offsetLow }: Handle): Handle => ({
  high,
  low,
  offsetHigh,
  offsetLow,
});

export const putSimple = (bytes: Buffer, at: number, { high, low }: Handle, errno: number): void => {
  bytes.writeUInt32BE(SIMPLE_REPLY_MAGIC, at);
  bytes.writeUInt32BE(errno, at + 4);
  bytes.writeInt32BE(high, at + 8);
  bytes.writeInt32BE(low, at + 12);
};

/** A chunk's header, extended or structured: the extended one has the request's offset too, and a longer length. */
export const putChunk = (
  bytes: Buffer,
  at: number,
  extended: boolean,
  handle: Handle,
  type: number,
  length: number,
  flags: number,
): void => {
  bytes.writeUInt32BE(extended ? EXTENDED_REPLY_MAGIC : STRUCTURED_REPLY_MAGIC, at);
  bytes.writeUInt16BE(flags, at + 4);
  bytes.writeUInt16BE(type, at + 6);
  bytes.writeInt32BE(handle.high, at + 8);
  bytes.writeInt32BE(handle.low, at + 12);
  if (!extended) {
    bytes.writeUInt32BE(length, at + 16);
    return;
  }
  bytes.writeInt32BE(handle.offsetHigh, at + 16);
  bytes.writeInt32BE(handle.offsetLow, at + 20);
  bytes.writeUInt32BE(0, at + 24);
  bytes.writeUInt32BE(length, at + 28);
};

/** A number up to 2^53, without BigInt. */
export const putLong = (bytes: Buffer, at: number, value: number): number => {
  bytes.writeUInt32BE(Math.floor(value / 2 ** 32), at);
  return bytes.writeUInt32BE(value >>> 0, at + 4);
};
