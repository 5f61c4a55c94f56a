import { createHash } from "node:crypto";
import { idBytes, idText, NEWER_FORMAT } from "../segment-index.ts";

/**
 * How a checkpoint begins. Numbers are little-endian; README.md has it as a table.
 *
 *   0  "PGC1"          4  format (1)  u32     8  log id    16 bytes    24  number  u32     28  parts  u32
 *   32 size of the disk  u64                  40 checksum of the log object with that number, 32 bytes
 *   72 each part: its length u32, its SHA-256 32 bytes     …  SHA-256 of the head so far, 32 bytes
 */
export interface CheckpointHead {
  readonly log: string;
  /** It covers the log through the object with this number. */
  readonly number: number;
  /** The checksum of that object. */
  readonly checksum: Uint8Array;
  /** Of the disk, by then. */
  readonly sizeBytes: number;
  /** The last follows the head in the same object. */
  readonly parts: readonly CheckpointPart[];
}

export interface CheckpointPart {
  readonly length: number;
  readonly digest: Uint8Array;
}

const MAGIC = "PGC1";
const FORMAT = 1;
const DIGEST_BYTES = 32;
const CHECKSUM_AT = 40;
const PARTS_AT = 72;
const PART_BYTES = 4 + DIGEST_BYTES;

const sha256 = (bytes: Uint8Array): Buffer => createHash("sha256").update(bytes).digest();

export const encodeHead = ({ log, number, checksum, sizeBytes, parts }: CheckpointHead): Uint8Array => {
  const head = Buffer.alloc(PARTS_AT + parts.length * PART_BYTES);
  head.write(MAGIC, 0, "latin1");
  head.writeUInt32LE(FORMAT, 4);
  head.set(idBytes(log), 8);
  head.writeUInt32LE(number, 24);
  head.writeUInt32LE(parts.length, 28);
  head.writeBigUInt64LE(BigInt(sizeBytes), 32);
  head.set(checksum, CHECKSUM_AT);
  for (const [index, { length, digest }] of parts.entries()) {
    head.writeUInt32LE(length, PARTS_AT + index * PART_BYTES);
    head.set(digest, PARTS_AT + index * PART_BYTES + 4);
  }
  return Buffer.concat([head, sha256(head)]);
};

/** The head and what follows it; a text says what is wrong with it. */
export const decodeHead = (
  object: Uint8Array,
): { readonly head: CheckpointHead; readonly rest: Uint8Array } | string => {
  const bytes = Buffer.from(object.buffer, object.byteOffset, object.byteLength);
  if (bytes.length < PARTS_AT || bytes.toString("latin1", 0, 4) !== MAGIC) return "it is no checkpoint";
  const count = bytes.readUInt32LE(28);
  const end = PARTS_AT + count * PART_BYTES;
  if (bytes.length < end + DIGEST_BYTES) return "it is shorter than its head";
  if (!sha256(bytes.subarray(0, end)).equals(bytes.subarray(end, end + DIGEST_BYTES)))
    return "the checksum of its head is wrong";
  if (bytes.readUInt32LE(4) !== FORMAT) return NEWER_FORMAT;
  const parts = Array.from({ length: count }, (_, index) => {
    const at = PARTS_AT + index * PART_BYTES;
    return {
      length: bytes.readUInt32LE(at),
      digest: Uint8Array.from(bytes.subarray(at + 4, at + PART_BYTES)),
    };
  });
  const head: CheckpointHead = {
    log: idText(bytes.subarray(8, 24)),
    number: bytes.readUInt32LE(24),
    checksum: Uint8Array.from(bytes.subarray(CHECKSUM_AT, PARTS_AT)),
    sizeBytes: Number(bytes.readBigUInt64LE(32)),
    parts,
  };
  return { head, rest: bytes.subarray(end + DIGEST_BYTES) };
};
