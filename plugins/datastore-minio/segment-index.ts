import { createHash } from "node:crypto";

/**
 * The index at the end of every log object, after its cells. Numbers are little-endian; README.md has it as a table.
 *
 *   0  format (1)      u8     1  kind            u8     2  zero                 u16    4  records              u32
 *   8  log id       16 bytes  24 writer's nonce 16 bytes                             40  number               u32
 *   44 confirmed through u32  48 checkpoint's number u32  52 continues at      u32    56  length of the cells  u32
 *   60 checksum of the predecessor, 32 bytes   92  nonce of the checkpoint's writer, 16 bytes
 *   108 records, 24 bytes each   …  SHA-256 of the index so far, 32 bytes   length of the index u32   "PGS1"
 */
export interface SegmentIndex {
  readonly kind: "segment" | "fence";
  readonly log: string;
  readonly number: number;
  /** Whose the object is: 32 hexadecimal digits, new with every open for writing. */
  readonly nonce: string;
  /** The checksum of the log object before it; zeroes for the first. */
  readonly predecessor: Uint8Array;
  /** The highest number that its writer knew to be confirmed, with all lower ones, when it was sealed. */
  readonly confirmedThrough: number;
  /** The newest checkpoint that counts from here on; number 0: none. */
  readonly checkpoint: { readonly number: number; readonly nonce: string };
  /** Of a fence: the number of the next log object; what lies between is a predecessor's stray. 0 otherwise. */
  readonly continuesAt: number;
  /** Six words each; see `records.ts`. */
  readonly records: Uint32Array;
  /** How many bytes of cells come before the index. */
  readonly cellBytes: number;
}

const CHECKSUM_LENGTH = 32;
export const NO_PREDECESSOR = new Uint8Array(CHECKSUM_LENGTH);
export const NO_NONCE = "0".repeat(32);
export const RECORD_WORDS = 6;

const FORMAT = 1;
const KINDS = ["segment", "fence"] as const;
const RECORDS_AT = 108;
const RECORD_BYTES = RECORD_WORDS * 4;
const MAGIC = "PGS1";
/** Its length and the magic. */
const TAIL_BYTES = 8;
/** An index without records. */
export const LEAST_INDEX_BYTES = RECORDS_AT + CHECKSUM_LENGTH + TAIL_BYTES;

export const idBytes = (id: string): Buffer => Buffer.from(id.replaceAll("-", ""), "hex");
export const idText = (bytes: Buffer): string =>
  bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");

export interface EncodedIndex {
  readonly bytes: Buffer;
  /** Stands for the whole object: the index names every cell, and each cell has a checksum of its own. */
  readonly checksum: Uint8Array;
}

export const encodeIndex = (index: SegmentIndex): EncodedIndex => {
  const records = Buffer.from(index.records.buffer, index.records.byteOffset, index.records.byteLength);
  const head = Buffer.alloc(RECORDS_AT);
  head.writeUInt8(FORMAT, 0);
  head.writeUInt8(KINDS.indexOf(index.kind), 1);
  head.writeUInt32LE(index.records.length / RECORD_WORDS, 4);
  idBytes(index.log).copy(head, 8);
  idBytes(index.nonce).copy(head, 24);
  head.writeUInt32LE(index.number, 40);
  head.writeUInt32LE(index.confirmedThrough, 44);
  head.writeUInt32LE(index.checkpoint.number, 48);
  head.writeUInt32LE(index.continuesAt, 52);
  head.writeUInt32LE(index.cellBytes, 56);
  head.set(index.predecessor, 60);
  idBytes(index.checkpoint.nonce).copy(head, 92);
  const checksum = createHash("sha256").update(head).update(records).digest();
  const tail = Buffer.alloc(TAIL_BYTES);
  tail.writeUInt32LE(head.length + records.length + CHECKSUM_LENGTH + TAIL_BYTES, 0);
  tail.write(MAGIC, 4, "latin1");
  return { bytes: Buffer.concat([head, records, checksum, tail]), checksum };
};

/** What is said of an index, or of a checkpoint, that is whole and made otherwise. */
export const NEWER_FORMAT = "its format is not known here";

export interface DecodedIndex {
  readonly index: SegmentIndex;
  readonly checksum: Uint8Array;
}

/** How long the index is that `tail`, the end of an object, ends with; 0 where it ends with none. */
export const indexLength = (tail: Buffer): number => {
  if (tail.length < LEAST_INDEX_BYTES || tail.toString("latin1", tail.length - 4) !== MAGIC) return 0;
  const length = tail.readUInt32LE(tail.length - TAIL_BYTES);
  return length >= LEAST_INDEX_BYTES && (length - LEAST_INDEX_BYTES) % RECORD_BYTES === 0 ? length : 0;
};

/** Of an object whose last bytes are `tail`, at least as many as `indexLength` says; a text says what is wrong with it. */
export const decodeIndex = (tail: Buffer, objectBytes: number): DecodedIndex | string => {
  const length = indexLength(tail);
  if (length === 0) return "it does not end with an index";
  if (length > tail.length) return "it is shorter than its index";
  const bytes = tail.subarray(tail.length - length);
  const recordsEnd = length - CHECKSUM_LENGTH - TAIL_BYTES;
  const checksum = createHash("sha256").update(bytes.subarray(0, recordsEnd)).digest();
  if (!checksum.equals(bytes.subarray(recordsEnd, recordsEnd + CHECKSUM_LENGTH)))
    return "the checksum of its index is wrong";
  const kind = KINDS[bytes.readUInt8(1)];
  if (bytes.readUInt8(0) !== FORMAT || kind === undefined) return NEWER_FORMAT;
  const cellBytes = bytes.readUInt32LE(56);
  if (cellBytes + length !== objectBytes)
    return `it has ${objectBytes} bytes and was made with ${cellBytes + length}`;
  if (bytes.readUInt32LE(4) * RECORD_BYTES !== recordsEnd - RECORDS_AT)
    return "its index has other records than it counts";
  // A copy: the words must be aligned.
  const records = new Uint32Array(Uint8Array.from(bytes.subarray(RECORDS_AT, recordsEnd)).buffer);
  const index: SegmentIndex = {
    kind,
    log: idText(bytes.subarray(8, 24)),
    nonce: bytes.toString("hex", 24, 40),
    number: bytes.readUInt32LE(40),
    confirmedThrough: bytes.readUInt32LE(44),
    checkpoint: { number: bytes.readUInt32LE(48), nonce: bytes.toString("hex", 92, 108) },
    continuesAt: bytes.readUInt32LE(52),
    cellBytes,
    predecessor: Uint8Array.from(bytes.subarray(60, 60 + CHECKSUM_LENGTH)),
    records,
  };
  return { index, checksum };
};
