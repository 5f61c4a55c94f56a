import { BLOCK_BYTES, CELL_BYTES, CHECK_BYTES, type Place, SECTOR_BYTES } from "./cell.ts";
import { cellSeed, checksumOf } from "./cell-checksum.ts";
import { JoinedChecksum } from "./joined-checksum.ts";
import { Records } from "./records.ts";
import type { SegmentMemory } from "./segment-memory.ts";

/** With more records than this a segment is full whatever its cells take: its index stays small beside them. */
const MAX_RECORDS = 16_384;

/** Room that is made at first, at least: a flush after a few writes leaves little more. */
const LEAST_BYTES = 64 * 1024;

export interface SegmentOptions {
  readonly logSeed: number;
  readonly capacityBytes: number;
  readonly memory: SegmentMemory;
}

/** A segment that is being filled in memory. What was added is read from it at once. */
export class OpenSegment {
  readonly number: number;
  readonly records = new Records();
  readonly #logSeed: number;
  readonly #capacityBytes: number;
  readonly #memory: SegmentMemory;
  /** Replaced where it is too small: what was taken out of it stays as it is. */
  #bytes: Buffer;
  #length = 0;
  readonly #crc32 = new JoinedChecksum();

  /**
   * `capacityBytes` bounds its cells. Room for `expectedBytes` of them is made at once: too much is held for as long as
   * any of it is, so what is flushed often must not take what is full.
   */
  constructor(number: number, { logSeed, capacityBytes, memory }: SegmentOptions, expectedBytes = 0) {
    this.number = number;
    this.#logSeed = logSeed;
    this.#capacityBytes = capacityBytes;
    this.#memory = memory;
    this.#bytes = memory.take(Math.min(capacityBytes, Math.max(LEAST_BYTES, expectedBytes)));
  }

  get empty(): boolean {
    return this.records.count === 0;
  }

  get full(): boolean {
    return this.records.count >= MAX_RECORDS || this.roomBlocks === 0;
  }

  /** How many whole blocks it still takes. */
  get roomBlocks(): number {
    return Math.floor((this.#capacityBytes - this.#length) / CELL_BYTES);
  }

  /** How many records it takes before it is full. */
  get roomRecords(): number {
    return MAX_RECORDS - this.records.count;
  }

  get cells(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Of `cells`. */
  get crc32(): number {
    return this.#crc32.value;
  }

  /** What `cells` lies in, to be used again when nobody looks at them any more. */
  get memory(): Buffer {
    return this.#bytes;
  }

  /** Takes as many whole blocks as `from` holds and there is room for; answers their position. */
  addBlocks(block: number, from: Uint8Array, moved?: Place): number {
    const position = this.#length;
    const count = from.length / BLOCK_BYTES;
    this.#makeRoom(count * CELL_BYTES);
    for (let at = 0; at < count; at++)
      this.#addCell(block + at, 0, from.subarray(at * BLOCK_BYTES, (at + 1) * BLOCK_BYTES));
    this.records.run(block, count, position, moved);
    return position;
  }

  addFragment(block: number, firstSector: number, from: Uint8Array, moved?: Place): number {
    const position = this.#length;
    this.#makeRoom(from.length + CHECK_BYTES);
    this.#addCell(block, firstSector, from);
    this.records.fragment(block, firstSector, from.length / SECTOR_BYTES, position, moved);
    return position;
  }

  addHole(block: number, count: number): void {
    this.records.hole(block, count);
  }

  #makeRoom(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#bytes.length) return;
    const larger = this.#memory.take(Math.min(this.#capacityBytes, Math.max(needed, 2 * this.#bytes.length)));
    larger.set(this.cells);
    this.#bytes = larger;
  }

  #addCell(block: number, firstSector: number, bytes: Uint8Array): void {
    const seed = cellSeed(this.#logSeed, this.number, block, firstSector);
    const checksum = checksumOf(bytes, seed);
    this.#crc32.addCell(bytes.length / SECTOR_BYTES, checksum, seed);
    this.#bytes.set(bytes, this.#length);
    this.#length = this.#bytes.writeUInt32LE(checksum, this.#length + bytes.length);
  }
}
