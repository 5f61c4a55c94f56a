import { CELL_BYTES, CHECK_BYTES, cellBytes, SECTOR_BYTES } from "./cell.ts";
import { cellSeed, checksumOf, logSeedOf } from "./cell-checksum.ts";
import { LINE_BYTES } from "./line-cache.ts";

/** Where cells are at hand. */
export interface CellSource {
  /** All cells of a segment that the bucket may not have yet. */
  cells(segment: number): Buffer | undefined;
  /** An aligned piece of a segment's object. */
  line(segment: number, line: number): Buffer | undefined;
}

export interface CellPlace {
  readonly block: number;
  readonly firstSector: number;
  readonly sectors: number;
  readonly segment: number;
  readonly position: number;
}

/** `absent`: not at hand. `damaged`: the bytes are not those that were written there. */
export type CellFound = "sound" | "absent" | "damaged";

/** Takes cells out of what is at hand and verifies each. */
export class CellReader {
  readonly #logSeed: number;
  readonly #source: CellSource;
  /** For cells that lie in two lines. */
  readonly #scratch = Buffer.alloc(CELL_BYTES);
  /** What was found last, and where the cell begins in it. No view of the cell alone: it would cost more than to copy it. */
  #found: Buffer = this.#scratch;
  #at = 0;

  constructor(log: string, source: CellSource) {
    this.#logSeed = logSeedOf(log);
    this.#source = source;
  }

  /**
   * Puts `count` bytes of the cell, from `skip` on, to `at` of `into`; by default all of it to the beginning. Where the
   * cell isn't sound `into` is left as it was.
   */
  read(cell: CellPlace, into: Uint8Array, at = 0, skip = 0, count = cell.sectors * SECTOR_BYTES): CellFound {
    const { block, firstSector, sectors, segment, position } = cell;
    const length = sectors * SECTOR_BYTES;
    const found = this.#find(segment, position, length + CHECK_BYTES);
    if (found !== "sound") return found;
    const bytes = this.#found;
    const content = new Uint8Array(bytes.buffer, bytes.byteOffset + this.#at, length);
    const checksum = checksumOf(content, cellSeed(this.#logSeed, segment, block, firstSector));
    if (checksum !== bytes.readUInt32LE(this.#at + length)) return "damaged";
    into.set(count === length ? content : content.subarray(skip, skip + count), at);
    return "sound";
  }

  /** Whether it would be read now, were it sound. */
  has({ segment, position, sectors }: CellPlace): boolean {
    return this.#find(segment, position, cellBytes(sectors)) !== "absent";
  }

  #find(segment: number, position: number, length: number): CellFound {
    const cells = this.#source.cells(segment);
    if (cells !== undefined) return this.#lies(cells, position, length);
    const first = Math.floor(position / LINE_BYTES);
    const at = position - first * LINE_BYTES;
    const line = this.#source.line(segment, first);
    if (line === undefined) return "absent";
    if (at + length <= line.length) return this.#lies(line, at, length);
    // The object ends early.
    if (line.length < LINE_BYTES) return "damaged";
    const next = this.#source.line(segment, first + 1);
    if (next === undefined) return "absent";
    const inFirst = LINE_BYTES - at;
    if (length - inFirst > next.length) return "damaged";
    line.copy(this.#scratch, 0, at);
    next.copy(this.#scratch, inFirst, 0, length - inFirst);
    return this.#lies(this.#scratch, 0, length);
  }

  #lies(found: Buffer, at: number, length: number): CellFound {
    this.#found = found;
    this.#at = at;
    return at + length <= found.length ? "sound" : "damaged";
  }
}
