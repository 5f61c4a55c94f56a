/** The numbers of the NBD protocol that this export speaks, under the names of its document. */

export const NBD_MAGIC = "NBDMAGIC";
export const OPTION_MAGIC = "IHAVEOPT";
/** 0x3e889045565a9, as two 32-bit words. */
export const OPTION_REPLY_MAGIC = [0x0003e889, 0x045565a9] as const;
export const REQUEST_MAGIC = 0x25609513;
export const SIMPLE_REPLY_MAGIC = 0x67446698;
export const STRUCTURED_REPLY_MAGIC = 0x668e33ef;

export const HandshakeFlag = { fixedNewstyle: 1, noZeroes: 2 } as const;

export const Option = {
  exportName: 1,
  abort: 2,
  list: 3,
  info: 6,
  go: 7,
  structuredReply: 8,
  listMetaContext: 9,
  setMetaContext: 10,
} as const;

export const OptionReply = {
  ack: 1,
  server: 2,
  info: 3,
  metaContext: 4,
  unsupported: 0x8000_0001,
  invalid: 0x8000_0003,
  unknown: 0x8000_0006,
  tooBig: 0x8000_0009,
} as const;

export const Info = { export: 0, name: 1, blockSize: 3 } as const;

export const TransmissionFlag = {
  hasFlags: 1,
  flush: 1 << 2,
  fua: 1 << 3,
  trim: 1 << 5,
  writeZeroes: 1 << 6,
  dontFragment: 1 << 7,
  multiConnection: 1 << 8,
} as const;

export const Command = {
  read: 0,
  write: 1,
  disconnect: 2,
  flush: 3,
  trim: 4,
  writeZeroes: 6,
  blockStatus: 7,
} as const;

export const CommandFlag = { fua: 1, noHole: 2, dontFragment: 4, requestOne: 8 } as const;

/** The only error numbers that the protocol lets a server send. */
export const Errno = {
  none: 0,
  EPERM: 1,
  EIO: 5,
  EINVAL: 22,
  ENOSPC: 28,
  ESHUTDOWN: 108,
} as const;

export const Chunk = { data: 1, hole: 2, blockStatus: 5, error: 0x8001 } as const;
export const CHUNK_DONE = 1;

export const ALLOCATION_CONTEXT = "base:allocation";
/** The id under which block status is answered; any number would do. */
export const ALLOCATION_CONTEXT_ID = 1;
export const AllocationState = { data: 0, holeReadingZero: 3 } as const;

export const REQUEST_BYTES = 28;
