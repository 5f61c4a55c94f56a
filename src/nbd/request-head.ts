const COMPACT_MAGIC = 0x25609513;
const EXTENDED_MAGIC = 0x21e41c71;

export const command = {
  read: 0,
  write: 1,
  disconnect: 2,
  flush: 3,
  trim: 4,
  cache: 5,
  zero: 6,
  blockStatus: 7,
} as const;
export const flag = {
  fua: 1,
  noHole: 2,
  dontFragment: 4,
  requestOne: 8,
  fastZero: 16,
  payloadLength: 32,
} as const;

/** A request by its numbers in the protocol. */
export interface NbdRequestHead {
  readonly command: number;
  readonly flags?: number;
  readonly offset: number | bigint;
  readonly length: number | bigint;
}

/** The bytes of a request's header. */
export const requestHead = (request: NbdRequestHead, handle: bigint, extended: boolean): Buffer => {
  const bytes = Buffer.alloc(extended ? 32 : 28);
  bytes.writeUInt32BE(extended ? EXTENDED_MAGIC : COMPACT_MAGIC, 0);
  bytes.writeUInt16BE(request.flags ?? 0, 4);
  bytes.writeUInt16BE(request.command, 6);
  bytes.writeBigUInt64BE(handle, 8);
  bytes.writeBigUInt64BE(BigInt(request.offset), 16);
  if (extended) bytes.writeBigUInt64BE(BigInt(request.length), 24);
  else bytes.writeUInt32BE(Number(request.length), 24);
  return bytes;
};
