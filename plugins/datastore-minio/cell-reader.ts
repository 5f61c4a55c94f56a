import { CELL_BYTES, CHECK_BYTES, SECTOR_BYTES } from "./cell.ts";
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

  constructor(log: string, source: CellSource) {
    this.#logSeed = logSeedOf(log);
    this.#source = source;
  }

  /** Fills `into` with the bytes of the cell from `skip` on; as it was where the cell isn't sound. */
  read(cell: CellPlace, into: Uint8Array, skip: number): CellFound {
    const { block, firstSector, sectors, segment, position } = cell;
    const length = sectors * SECTOR_BYTES;
    const bytes = this.#find(segment, position, length + CHECK_BYTES);
    if (typeof bytes === "string") return bytes;
    const content = bytes.subarray(0, length);
    if (
      checksumOf(content, cellSeed(this.#logSeed, segment, block, firstSector)) !== bytes.readUInt32LE(length)
    )
      return "damaged";
    into.set(into.length === length ? content : content.subarray(skip, skip + into.length));
    return "sound";
  }

  #find(segment: number, position: number, length: number): Buffer | "absent" | "damaged" {
    const cells = this.#source.cells(segment);
    if (cells !== undefined) return cells.subarray(position, position + length);
    const first = Math.floor(position / LINE_BYTES);
    const at = position - first * LINE_BYTES;
    const line = this.#source.line(segment, first);
    if (line === undefined) return "absent";
    if (at + length <= line.length) return line.subarray(at, at + length);
    // The object ends early.
    if (line.length < LINE_BYTES) return "damaged";
    const next = this.#source.line(segment, first + 1);
    if (next === undefined) return "absent";
    const inFirst = LINE_BYTES - at;
    if (length - inFirst > next.length) return "damaged";
    line.copy(this.#scratch, 0, at);
    next.copy(this.#scratch, inFirst, 0, length - inFirst);
    return this.#scratch.subarray(0, length);
  }
}
