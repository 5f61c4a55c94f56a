/** The NBD protocol's names and numbers as its document has them, for what people write in features. */
export const options: Readonly<Record<string, number>> = {
  EXPORT_NAME: 1,
  ABORT: 2,
  LIST: 3,
  PEEK_EXPORT: 4,
  STARTTLS: 5,
  INFO: 6,
  GO: 7,
  STRUCTURED_REPLY: 8,
  LIST_META_CONTEXT: 9,
  SET_META_CONTEXT: 10,
  EXTENDED_HEADERS: 11,
  "99": 99,
};

const ERROR = 0x8000_0000;
export const optionReplies: Readonly<Record<string, number>> = {
  ACK: 1,
  SERVER: 2,
  INFO: 3,
  META_CONTEXT: 4,
  ERR_UNSUP: ERROR + 1,
  ERR_POLICY: ERROR + 2,
  ERR_INVALID: ERROR + 3,
  ERR_PLATFORM: ERROR + 4,
  ERR_TLS_REQD: ERROR + 5,
  ERR_UNKNOWN: ERROR + 6,
  ERR_SHUTDOWN: ERROR + 7,
  ERR_BLOCK_SIZE_REQD: ERROR + 8,
  ERR_TOO_BIG: ERROR + 9,
  ERR_EXT_HEADER_REQD: ERROR + 10,
};

export const transmissionFlags: Readonly<Record<string, number>> = {
  HAS_FLAGS: 0,
  READ_ONLY: 1,
  SEND_FLUSH: 2,
  SEND_FUA: 3,
  ROTATIONAL: 4,
  SEND_TRIM: 5,
  SEND_WRITE_ZEROES: 6,
  SEND_DF: 7,
  CAN_MULTI_CONN: 8,
  SEND_RESIZE: 9,
  SEND_CACHE: 10,
  SEND_FAST_ZERO: 11,
  BLOCK_STAT_PAYLOAD: 12,
};

export const commands: Readonly<Record<string, number>> = {
  READ: 0,
  WRITE: 1,
  DISC: 2,
  FLUSH: 3,
  TRIM: 4,
  CACHE: 5,
  WRITE_ZEROES: 6,
  BLOCK_STATUS: 7,
  RESIZE: 8,
  "99": 99,
};

export const commandFlags: Readonly<Record<string, number>> = {
  FUA: 1,
  NO_HOLE: 2,
  DF: 4,
  REQ_ONE: 8,
  FAST_ZERO: 16,
  PAYLOAD_LEN: 32,
  "bit 15": 0x8000,
};

export const chunkTypes: Readonly<Record<string, number>> = {
  NONE: 0,
  OFFSET_DATA: 1,
  OFFSET_HOLE: 2,
  BLOCK_STATUS: 5,
  BLOCK_STATUS_EXT: 6,
  ERROR: 0x8001,
};

/** The names of a list such as `SERVER, SERVER and ACK`. */
export const namesIn = (list: string): readonly string[] => list.split(/, | and /);

/** The number of a name; fails on one that the document hasn't got. */
export const numberOf = (numbers: Readonly<Record<string, number>>, name: string): number => {
  const number = numbers[name];
  if (number === undefined) throw new Error(`${name} is none of ${Object.keys(numbers).join(", ")}`);
  return number;
};

export const nameOf = (numbers: Readonly<Record<string, number>>, number: number): string =>
  Object.keys(numbers).find((name) => numbers[name] === number) ?? String(number);
