import { EXTENDED_REPLY_MAGIC, SIMPLE_REPLY_MAGIC, STRUCTURED_REPLY_MAGIC } from "./protocol.ts";

export const SIMPLE_BYTES = 16;
export const CHUNK_BYTES = { structured: 20, extended: 32 } as const;
/** What stands before a read's bytes, within a chunk. */
export const OFFSET_BYTES = 8;

/** Whose reply it is: the client's handle and, for extended replies, the offset of its request, as words. */
export interface Handle {
  readonly high: number;
  readonly low: number;
  readonly offsetHigh: number;
  readonly offsetLow: number;
}

export const putSimple = (bytes: Buffer, at: number, { high, low }: Handle, errno: number): void => {
  bytes.writeUInt32BE(SIMPLE_REPLY_MAGIC, at);
  bytes.writeUInt32BE(errno, at + 4);
  bytes.writeInt32BE(high, at + 8);
  bytes.writeInt32BE(low, at + 12);
};

export const putStructured = (
  bytes: Buffer,
  at: number,
  { high, low }: Handle,
  type: number,
  length: number,
  flags: number,
): void => {
  bytes.writeUInt32BE(STRUCTURED_REPLY_MAGIC, at);
  bytes.writeUInt16BE(flags, at + 4);
  bytes.writeUInt16BE(type, at + 6);
  bytes.writeInt32BE(high, at + 8);
  bytes.writeInt32BE(low, at + 12);
  bytes.writeUInt32BE(length, at + 16);
};

export const putExtended = (
  bytes: Buffer,
  at: number,
  { high, low, offsetHigh, offsetLow }: Handle,
  type: number,
  length: number,
  flags: number,
): void => {
  bytes.writeUInt32BE(EXTENDED_REPLY_MAGIC, at);
  bytes.writeUInt16BE(flags, at + 4);
  bytes.writeUInt16BE(type, at + 6);
  bytes.writeInt32BE(high, at + 8);
  bytes.writeInt32BE(low, at + 12);
  bytes.writeInt32BE(offsetHigh, at + 16);
  bytes.writeInt32BE(offsetLow, at + 20);
  bytes.writeUInt32BE(0, at + 24);
  bytes.writeUInt32BE(length, at + 28);
};

/** A number up to 2^53, without BigInt. */
export const putLong = (bytes: Buffer, at: number, value: number): number => {
  bytes.writeUInt32BE(Math.floor(value / 2 ** 32), at);
  return bytes.writeUInt32BE(value >>> 0, at + 4);
};
