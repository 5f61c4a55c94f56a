/** The numbers of the NBD protocol, under the names of its document; the README says what becomes of each. */

export const NBD_MAGIC = "NBDMAGIC";
export const OPTION_MAGIC = "IHAVEOPT";
/** 0x3e889045565a9, as two 32-bit words. */
export const OPTION_REPLY_MAGIC = [0x0003e889, 0x045565a9] as const;
export const REQUEST_MAGIC = 0x25609513;
export const EXTENDED_REQUEST_MAGIC = 0x21e41c71;
export const SIMPLE_REPLY_MAGIC = 0x67446698;
export const STRUCTURED_REPLY_MAGIC = 0x668e33ef;
export const EXTENDED_REPLY_MAGIC = 0x6e8a278c;

export const HandshakeFlag = { fixedNewstyle: 1, noZeroes: 2 } as const;

export const Option = {
  exportName: 1,
  abort: 2,
  list: 3,
  peekExport: 4,
  startTls: 5,
  info: 6,
  go: 7,
  structuredReply: 8,
  listMetaContext: 9,
  setMetaContext: 10,
  extendedHeaders: 11,
} as const;

export const OptionReply = {
  ack: 1,
  server: 2,
  info: 3,
  metaContext: 4,
  unsupported: 0x8000_0001,
  policy: 0x8000_0002,
  invalid: 0x8000_0003,
  platform: 0x8000_0004,
  tlsRequired: 0x8000_0005,
  unknown: 0x8000_0006,
  shutdown: 0x8000_0007,
  blockSizeRequired: 0x8000_0008,
  tooBig: 0x8000_0009,
  extendedHeadersRequired: 0x8000_000a,
} as const;

export const Info = { export: 0, name: 1, description: 2, blockSize: 3 } as const;

export const TransmissionFlag = {
  hasFlags: 1 << 0,
  readOnly: 1 << 1,
  flush: 1 << 2,
  fua: 1 << 3,
  rotational: 1 << 4,
  trim: 1 << 5,
  writeZeroes: 1 << 6,
  dontFragment: 1 << 7,
  multiConnection: 1 << 8,
  resize: 1 << 9,
  cache: 1 << 10,
  fastZero: 1 << 11,
  blockStatusPayload: 1 << 12,
} as const;

export const Command = {
  read: 0,
  write: 1,
  disconnect: 2,
  flush: 3,
  trim: 4,
  cache: 5,
  writeZeroes: 6,
  blockStatus: 7,
  resize: 8,
} as const;

export const CommandFlag = {
  fua: 1 << 0,
  noHole: 1 << 1,
  dontFragment: 1 << 2,
  requestOne: 1 << 3,
  fastZero: 1 << 4,
  payloadLength: 1 << 5,
} as const;

/** The only error numbers that the protocol lets a server send. */
export const Errno = {
  none: 0,
  EPERM: 1,
  EIO: 5,
  ENOMEM: 12,
  EINVAL: 22,
  ENOSPC: 28,
  EOVERFLOW: 75,
  ENOTSUP: 95,
  ESHUTDOWN: 108,
} as const;

export const Chunk = {
  none: 0,
  data: 1,
  hole: 2,
  blockStatus: 5,
  blockStatusExtended: 6,
  error: 0x8001,
  errorOffset: 0x8002,
} as const;
export const CHUNK_DONE = 1;

export const AllocationState = { data: 0, holeReadingZero: 3 } as const;
export const DirtyState = { clean: 0, dirty: 1 } as const;

/** The headers of requests. */
export const REQUEST_BYTES = 28;
export const EXTENDED_REQUEST_BYTES = 32;
