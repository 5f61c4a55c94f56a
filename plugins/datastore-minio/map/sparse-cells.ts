import { CELL_BYTES, NOWHERE } from "../cell.ts";
import type { Cells, Run } from "./region-cells.ts";
import type { Rows } from "./rows.ts";

/** A row's key holds where its run starts and how many blocks it has. */
const keyOf = (start: number, count: number): number => (start << 16) | count;
const startOf = (key: number): number => key >>> 16;
const countOf = (key: number): number => key & 0xffff;
const endOf = (key: number): number => startOf(key) + countOf(key);

/** For a region of few runs: 12 bytes for each, in order, no two of which could be one. */
export class SparseCells implements Cells {
  readonly #rows: Rows;

  constructor(rows: Rows) {
    this.#rows = rows;
  }

  get runs(): number {
    return this.#rows.count;
  }

  runAt(block: number, end: number, into: Run): void {
    const row = this.#rowAt(block);
    const key = row < this.#rows.count ? this.#rows.key(row) : keyOf(end, 0);
    if (startOf(key) > block || countOf(key) === 0) {
      into.count = Math.min(startOf(key), end) - block;
      into.segment = NOWHERE;
      into.position = 0;
    } else {
      into.count = Math.min(endOf(key), end) - block;
      into.segment = this.#rows.segment(row);
      into.position = this.#positionAt(row, block);
    }
  }

  set(first: number, count: number, segment: number, position: number): void {
    const rows = this.#rows;
    let [start, end, at] = [first, first + count, position];
    let from = this.#rowAt(first);
    let to = from;
    while (to < rows.count && startOf(rows.key(to)) < end) to++;
    let left = from < to ? Math.max(0, first - startOf(rows.key(from))) : 0;
    let right = from < to ? Math.max(0, endOf(rows.key(to - 1)) - end) : 0;

    const before = left > 0 ? from : from - 1;
    if (this.#continues(before, first, segment, position)) {
      start = startOf(rows.key(before));
      at = rows.position(before);
      from = before;
      left = 0;
    }
    const after = right > 0 ? to - 1 : to;
    if (this.#isContinuedBy(after, end, segment, position + count * CELL_BYTES)) {
      to = after + 1;
      end = endOf(rows.key(after));
      right = 0;
    }

    const rightSegment = rows.segment(to - 1);
    const rightPosition = right > 0 ? this.#positionAt(to - 1, end) : 0;
    if (left > 0) {
      rows.setKey(from, keyOf(startOf(rows.key(from)), left));
      from++;
    }
    rows.splice(from, to, (segment === NOWHERE ? 0 : 1) + (right > 0 ? 1 : 0));
    if (segment !== NOWHERE) rows.set(from++, keyOf(start, end - start), segment, at);
    if (right > 0) rows.set(from, keyOf(end, right), rightSegment, rightPosition);
  }

  clone(): SparseCells {
    return new SparseCells(this.#rows.clone());
  }

  free(): void {
    this.#rows.free();
  }

  /** The first row that ends after the block. */
  #rowAt(block: number): number {
    let [low, high] = [0, this.#rows.count];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (endOf(this.#rows.key(middle)) > block) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #positionAt(row: number, block: number): number {
    return this.#rows.position(row) + (block - startOf(this.#rows.key(row))) * CELL_BYTES;
  }

  /** Whether the row reaches `first`, and goes on there at the place. */
  #continues(row: number, first: number, segment: number, position: number): boolean {
    return (
      row >= 0 &&
      segment === this.#rows.segment(row) &&
      endOf(this.#rows.key(row)) >= first &&
      position === this.#positionAt(row, first)
    );
  }

  #isContinuedBy(row: number, end: number, segment: number, position: number): boolean {
    return (
      row < this.#rows.count &&
      segment === this.#rows.segment(row) &&
      startOf(this.#rows.key(row)) <= end &&
      position === this.#positionAt(row, end)
    );
  }
}
