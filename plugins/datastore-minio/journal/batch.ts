import { BLOCK_BYTES } from "../cell.ts";
import { checksumOf } from "../cell-checksum.ts";
import { idBytes, RECORD_WORDS } from "../segment-index.ts";

/**
 * What was added to a segment since it was last written down, as it lies in a file of the journal. Numbers are
 * little-endian u32; README.md has it as a table.
 *
 *   0  "PGJ1"     4  checksum of all that follows but the cells    8  segment's number       12 ordinal
 *   16 records    20 number of the first of them in its segment    24 length of the cells    28 where they lie in it
 *   32 writer's nonce, 16 bytes    48 zeroes    64 records, 24 bytes each    …  cells, each with its own checksum
 */
export interface BatchHead {
  readonly number: number;
  /** Of the batches of one writer, each has the next: one that is missing is noticed. */
  readonly ordinal: number;
  readonly records: number;
  readonly recordsFrom: number;
  readonly cellBytes: number;
  readonly cellsFrom: number;
}

export const HEAD_BYTES = 64;
/** Batches begin so far apart: no page that holds what was acknowledged is ever written again. */
export const PAGE_BYTES = BLOCK_BYTES;
const RECORD_BYTES = RECORD_WORDS * 4;
const MAGIC = "PGJ1";
const CHECKED_FROM = 8;

/** Whose batches they are: others don't count, whatever they hold. */
export interface BatchOwner {
  readonly logSeed: number;
  readonly nonce: string;
}

export const recordBytes = ({ records }: Pick<BatchHead, "records">): number => records * RECORD_BYTES;

/** How many bytes of a file it takes. */
export const batchBytes = (head: Pick<BatchHead, "records" | "cellBytes">): number =>
  Math.ceil((HEAD_BYTES + recordBytes(head) + head.cellBytes) / PAGE_BYTES) * PAGE_BYTES;

/** The parts of a batch, to be written one after the other. Neither the records nor the cells are copied. */
export const encodeBatch = (
  owner: BatchOwner,
  position: Pick<BatchHead, "number" | "ordinal" | "recordsFrom" | "cellsFrom">,
  words: Uint32Array,
  cells: Buffer,
): readonly Uint8Array[] => {
  const records = Buffer.from(words.buffer, words.byteOffset, words.byteLength);
  const head = Buffer.alloc(HEAD_BYTES);
  head.write(MAGIC, 0, "latin1");
  head.writeUInt32LE(position.number, 8);
  head.writeUInt32LE(position.ordinal, 12);
  head.writeUInt32LE(words.length / RECORD_WORDS, 16);
  head.writeUInt32LE(position.recordsFrom, 20);
  head.writeUInt32LE(cells.length, 24);
  head.writeUInt32LE(position.cellsFrom, 28);
  idBytes(owner.nonce).copy(head, 32);
  head.writeUInt32LE(checksumOfHead(owner, head, records), 4);
  return cells.length === 0 ? [head, records] : [head, records, cells];
};

/** What the head says that `bytes` begin with; undefined where they begin with none of that owner's. */
export const decodeHead = ({ nonce }: BatchOwner, bytes: Buffer): BatchHead | undefined => {
  if (bytes.length < HEAD_BYTES || bytes.toString("latin1", 0, 4) !== MAGIC) return undefined;
  if (!bytes.subarray(32, 48).equals(idBytes(nonce))) return undefined;
  return {
    number: bytes.readUInt32LE(8),
    ordinal: bytes.readUInt32LE(12),
    records: bytes.readUInt32LE(16),
    recordsFrom: bytes.readUInt32LE(20),
    cellBytes: bytes.readUInt32LE(24),
    cellsFrom: bytes.readUInt32LE(28),
  };
};

export interface Batch {
  readonly head: BatchHead;
  readonly words: Uint32Array;
  readonly cells: Buffer;
}

/** The batch that `bytes` begin with; undefined where its head and records aren't those that were written. */
export const decodeBatch = (owner: BatchOwner, bytes: Buffer): Batch | undefined => {
  const head = decodeHead(owner, bytes);
  if (head === undefined || bytes.length < HEAD_BYTES + recordBytes(head) + head.cellBytes) return undefined;
  const cellsAt = HEAD_BYTES + recordBytes(head);
  const records = bytes.subarray(HEAD_BYTES, cellsAt);
  if (checksumOfHead(owner, bytes.subarray(0, HEAD_BYTES), records) !== bytes.readUInt32LE(4))
    return undefined;
  const words = new Uint32Array(head.records * RECORD_WORDS);
  Buffer.from(words.buffer).set(records);
  return { head, words, cells: bytes.subarray(cellsAt, cellsAt + head.cellBytes) };
};

const checksumOfHead = ({ logSeed }: BatchOwner, head: Buffer, records: Uint8Array): number =>
  checksumOf(records, checksumOf(head.subarray(CHECKED_FROM), logSeed));
