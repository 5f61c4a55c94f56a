import { CELL_BYTES, NOWHERE } from "../cell.ts";
import { type Cells, REGION_BLOCKS, type Run } from "./region-cells.ts";
import type { Slabs } from "./slabs.ts";

/** For a region of many runs: 8 bytes for each of its blocks, mapped or not. */
export class DenseCells implements Cells {
  /** Segment and position of each block, side by side. */
  readonly #words: Uint32Array;
  readonly #slabs: Slabs;
  #runs = 0;

  constructor(slabs: Slabs) {
    this.#slabs = slabs;
    this.#words = slabs.takeArray(REGION_BLOCKS * 2).fill(NOWHERE);
  }

  get runs(): number {
    return this.#runs;
  }

  runAt(block: number, end: number, into: Run): void {
    const segment = this.#segment(block);
    let next = block + 1;
    while (next < end && this.#segment(next) === segment && (segment === NOWHERE || this.#continues(next)))
      next++;
    into.count = next - block;
    into.segment = segment;
    into.position = segment === NOWHERE ? 0 : this.#position(block);
  }

  set(first: number, count: number, segment: number, position: number): void {
    const end = first + count;
    this.#runs -= this.#startsWithin(first, end);
    for (let block = first; block < end; block++) {
      this.#words[block * 2] = segment;
      this.#words[block * 2 + 1] = position + (block - first) * CELL_BYTES;
    }
    this.#runs += this.#startsWithin(first, end);
  }

  clone(): DenseCells {
    const clone = new DenseCells(this.#slabs);
    clone.#words.set(this.#words);
    clone.#runs = this.#runs;
    return clone;
  }

  free(): void {
    this.#slabs.giveArray(this.#words);
  }

  #segment(block: number): number {
    return this.#words[block * 2] ?? NOWHERE;
  }

  #position(block: number): number {
    return this.#words[block * 2 + 1] ?? 0;
  }

  /** Whether the block lies behind the one before it. */
  #continues(block: number): boolean {
    return (
      this.#segment(block) === this.#segment(block - 1) &&
      this.#position(block) === this.#position(block - 1) + CELL_BYTES
    );
  }

  /** How many runs start from `first` to `end`: a change of what lies between can change the start at `end` too. */
  #startsWithin(first: number, end: number): number {
    let starts = 0;
    for (let block = first; block <= end && block < REGION_BLOCKS; block++)
      if (this.#segment(block) !== NOWHERE && (block === 0 || !this.#continues(block))) starts++;
    return starts;
  }
}
