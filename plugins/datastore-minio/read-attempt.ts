import { BLOCK_BYTES, BLOCK_SECTORS, CELL_BYTES, cellBytes, SECTOR_BYTES } from "./cell.ts";
import type { CellFound, CellPlace, CellReader } from "./cell-reader.ts";
import type { ExtentMap, ExtentVisitor } from "./extent-map.ts";
import { LINE_BYTES } from "./line-cache.ts";

/** A line that a read lacks. */
export interface MissingLine {
  readonly segment: number;
  readonly line: number;
}

/** A cell whose bytes are not those that were written. */
export interface DamagedCell {
  readonly segment: number;
  readonly position: number;
}

/** Fills a buffer from what is at hand, in one step; notes what isn't. Used again for every read. */
export class ReadAttempt implements ExtentVisitor {
  readonly #map: ExtentMap;
  readonly #cells: CellReader;
  #offset = 0;
  #into: Uint8Array = new Uint8Array();
  #missing: MissingLine[] = [];
  #damaged: DamagedCell | undefined;
  /** The first block of which something is missing or damaged. */
  #lackedBlock = Number.POSITIVE_INFINITY;

  constructor(map: ExtentMap, cells: CellReader) {
    this.#map = map;
    this.#cells = cells;
  }

  /** What the last attempt lacked. */
  get missing(): readonly MissingLine[] {
    return this.#missing;
  }

  /** The first damaged cell that the last attempt met. */
  get damaged(): DamagedCell | undefined {
    return this.#damaged;
  }

  /** After an attempt so many of the buffer's first bytes hold what the disk does. What lies behind is read another time. */
  get soundBytes(): number {
    return Math.min(this.#into.length, Math.max(0, this.#lackedBlock * BLOCK_BYTES - this.#offset));
  }

  /** True where the buffer holds what the disk does. */
  read(offset: number, into: Uint8Array): boolean {
    this.#offset = offset;
    this.#into = into;
    if (this.#missing.length > 0) this.#missing = [];
    this.#damaged = undefined;
    this.#lackedBlock = Number.POSITIVE_INFINITY;
    const first = Math.floor(offset / BLOCK_BYTES);
    const end = Math.ceil((offset + into.length) / BLOCK_BYTES);
    if (end > first) this.#map.visit(first, end - first, this);
    return this.#missing.length === 0 && this.#damaged === undefined;
  }

  hole(block: number, count: number): void {
    const start = block * BLOCK_BYTES - this.#offset;
    this.#into.fill(0, Math.max(0, start), Math.min(this.#into.length, start + count * BLOCK_BYTES));
  }

  run(block: number, count: number, segment: number, position: number): void {
    for (let at = 0; at < count; at++)
      this.#cell(block + at, 0, BLOCK_SECTORS, segment, position + at * CELL_BYTES);
  }

  fragment(block: number, firstSector: number, sectors: number, segment: number, position: number): void {
    this.#cell(block, firstSector, sectors, segment, position);
  }

  /** The part of the cell that the buffer wants; the whole cell is looked at, since it has one checksum. */
  #cell(block: number, firstSector: number, sectors: number, segment: number, position: number): void {
    const starts = block * BLOCK_BYTES + firstSector * SECTOR_BYTES - this.#offset;
    const from = Math.max(0, starts);
    const to = Math.min(this.#into.length, starts + sectors * SECTOR_BYTES);
    if (from >= to) return;
    const place = { block, firstSector, sectors, segment, position };
    // What lies behind one that is lacking is read when that is there.
    if (block > this.#lackedBlock) {
      if (!this.#cells.has(place)) this.#lack("absent", place);
      return;
    }
    const found = this.#cells.read(place, this.#into, from, from - starts, to - from);
    if (found !== "sound") this.#lack(found, place);
  }

  #lack(found: Exclude<CellFound, "sound">, { block, sectors, segment, position }: CellPlace): void {
    if (found === "damaged") this.#damaged ??= { segment, position };
    this.#lackedBlock = Math.min(this.#lackedBlock, block);
    const last = Math.floor((position + cellBytes(sectors) - 1) / LINE_BYTES);
    for (let line = Math.floor(position / LINE_BYTES); line <= last; line++) {
      const known = this.#missing.at(-1);
      if (known?.segment !== segment || known.line !== line) this.#missing.push({ segment, line });
    }
  }
}
