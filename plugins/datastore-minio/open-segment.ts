import { BLOCK_BYTES, CELL_BYTES, type Place, SECTOR_BYTES } from "./cell.ts";
import { cellSeed, checksumOf } from "./cell-checksum.ts";
import { Records } from "./records.ts";

/** With more records than this a segment is full whatever its cells take: its index stays small beside them. */
const MAX_RECORDS = 16_384;

/** A segment that is being filled in memory. What was added is read from it at once. */
export class OpenSegment {
  readonly number: number;
  readonly records = new Records();
  readonly #logSeed: number;
  readonly #bytes: Buffer;
  #length = 0;

  /** `capacityBytes` bounds its cells. */
  constructor(number: number, logSeed: number, capacityBytes: number) {
    this.number = number;
    this.#logSeed = logSeed;
    this.#bytes = Buffer.allocUnsafeSlow(capacityBytes);
  }

  get empty(): boolean {
    return this.records.count === 0;
  }

  get full(): boolean {
    return this.records.count >= MAX_RECORDS || this.roomBlocks === 0;
  }

  /** How many whole blocks it still takes. */
  get roomBlocks(): number {
    return Math.floor((this.#bytes.length - this.#length) / CELL_BYTES);
  }

  get cells(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Takes as many whole blocks as `from` holds and there is room for; answers their position. */
  addBlocks(block: number, from: Uint8Array, moved?: Place): number {
    const position = this.#length;
    const count = from.length / BLOCK_BYTES;
    for (let at = 0; at < count; at++)
      this.#addCell(block + at, 0, from.subarray(at * BLOCK_BYTES, (at + 1) * BLOCK_BYTES));
    this.records.run(block, count, position, moved);
    return position;
  }

  addFragment(block: number, firstSector: number, from: Uint8Array, moved?: Place): number {
    const position = this.#length;
    this.#addCell(block, firstSector, from);
    this.records.fragment(block, firstSector, from.length / SECTOR_BYTES, position, moved);
    return position;
  }

  addHole(block: number, count: number): void {
    this.records.hole(block, count);
  }

  #addCell(block: number, firstSector: number, bytes: Uint8Array): void {
    const checksum = checksumOf(bytes, cellSeed(this.#logSeed, this.number, block, firstSector));
    this.#bytes.set(bytes, this.#length);
    this.#length = this.#bytes.writeUInt32LE(checksum, this.#length + bytes.length);
  }
}
