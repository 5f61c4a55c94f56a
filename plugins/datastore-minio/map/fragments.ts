import { BLOCK_SECTORS, cellBytes, type Place } from "../cell.ts";
import type { Rows } from "./rows.ts";
import type { SegmentTable } from "./segment-table.ts";

/** A piece of a block, one cell of its own. */
export interface Fragment {
  readonly firstSector: number;
  readonly sectors: number;
  readonly segment: number;
  readonly position: number;
}

/** The sectors of a block as bits. */
type SectorSet = number;
const WHOLE_BLOCK: SectorSet = (1 << BLOCK_SECTORS) - 1;

/** A row's key holds its block, its first sector and its sectors. */
const keyOf = (block: number, firstSector: number, sectors: number): number =>
  (block << 8) | (firstSector << 4) | sectors;
const blockOf = (key: number): number => key >>> 8;
const firstSectorOf = (key: number): number => (key >>> 4) & 0xf;
const sectorsOf = (key: number): number => key & 0xf;
const setOf = (key: number): SectorSet => ((1 << sectorsOf(key)) - 1) << firstSectorOf(key);

/**
 * What lies over the cells of one region in pieces: 12 bytes for each, by block, and of one block the oldest first.
 * What later pieces cover wholly is dropped, so a block has as many as it has sectors at most.
 */
export class Fragments {
  readonly #rows: Rows;
  readonly #segments: SegmentTable;

  constructor(rows: Rows, segments: SegmentTable) {
    this.#rows = rows;
    this.#segments = segments;
  }

  get count(): number {
    return this.#rows.count;
  }

  /** Puts the piece over all that the block has; true: nothing below them is seen any more. */
  add(block: number, { firstSector, sectors, segment, position }: Fragment): boolean {
    const end = this.#rowAt(block + 1);
    const key = keyOf(block, firstSector, sectors);
    this.#rows.splice(end, end, 1);
    this.#rows.set(end, key, segment, position);
    let covered = setOf(key);
    for (let row = end - 1; row >= 0 && blockOf(this.#rows.key(row)) === block; row--) {
      const set = setOf(this.#rows.key(row));
      if ((set & ~covered) === 0) this.#drop(row, row + 1);
      covered |= set;
    }
    return covered === WHOLE_BLOCK;
  }

  /** Drops all pieces of the blocks. */
  clear(first: number, end: number): void {
    const from = this.#rowAt(first);
    let to = from;
    while (to < this.#rows.count && blockOf(this.#rows.key(to)) < end) to++;
    if (to > from) this.#drop(from, to);
  }

  /** Whether the blocks have any. */
  any(first: number, end: number): boolean {
    const row = this.#rowAt(first);
    return row < this.#rows.count && blockOf(this.#rows.key(row)) < end;
  }

  has(block: number, fragment: Fragment): boolean {
    return this.#find(block, fragment) >= 0;
  }

  /** Says that the piece lies elsewhere. */
  move(block: number, fragment: Fragment, { segment, position }: Place): void {
    const row = this.#find(block, fragment);
    if (row < 0) return;
    this.#segments.gain(segment, cellBytes(fragment.sectors));
    this.#segments.lose(fragment.segment, cellBytes(fragment.sectors));
    this.#rows.set(row, this.#rows.key(row), segment, position);
  }

  /** The pieces of the blocks, in order, the oldest of each block first. */
  *of(first: number, end: number): Iterable<Fragment & { readonly block: number }> {
    for (let row = this.#rowAt(first); row < this.#rows.count; row++) {
      const key = this.#rows.key(row);
      if (blockOf(key) >= end) return;
      yield {
        block: blockOf(key),
        firstSector: firstSectorOf(key),
        sectors: sectorsOf(key),
        segment: this.#rows.segment(row),
        position: this.#rows.position(row),
      };
    }
  }

  clone(): Fragments {
    return new Fragments(this.#rows.clone(), this.#segments);
  }

  free(): void {
    this.#rows.free();
  }

  /** The first row of that block, or of the next that has any. */
  #rowAt(block: number): number {
    let [low, high] = [0, this.#rows.count];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (blockOf(this.#rows.key(middle)) >= block) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** The piece's row; -1: the block hasn't that piece. */
  #find(block: number, { firstSector, sectors, segment, position }: Fragment): number {
    const key = keyOf(block, firstSector, sectors);
    for (let row = this.#rowAt(block); row < this.#rows.count; row++) {
      if (blockOf(this.#rows.key(row)) !== block) break;
      const there = this.#rows.segment(row) === segment && this.#rows.position(row) === position;
      if (there && this.#rows.key(row) === key) return row;
    }
    return -1;
  }

  #drop(from: number, to: number): void {
    for (let row = from; row < to; row++)
      this.#segments.lose(this.#rows.segment(row), cellBytes(sectorsOf(this.#rows.key(row))));
    this.#rows.splice(from, to, 0);
  }
}
