import { NOWHERE } from "../cell.ts";
import { DenseCells } from "./dense-cells.ts";
import { type Fragment, Fragments } from "./fragments.ts";
import { type Cells, REGION_BLOCKS, type Run } from "./region-cells.ts";
import type { SegmentTable } from "./segment-table.ts";
import { SparseCells } from "./sparse-cells.ts";

/** With more runs a region is kept block by block; with far fewer again it is not. */
const MOST_SPARSE_RUNS = 1024;
const FEWEST_DENSE_RUNS = 512;
/** Of the objects that hold a region's words, beside the words. */
const OVERHEAD_BYTES = 400;

/** The map of one region. It doesn't say what segments lose by a change of its cells: its map does. */
export class Region {
  #cells: Cells = new SparseCells();
  #fragments: Fragments | undefined;

  get bytes(): number {
    return OVERHEAD_BYTES + this.#cells.bytes + (this.#fragments?.bytes ?? 0);
  }

  get fragments(): Fragments | undefined {
    return this.#fragments;
  }

  get empty(): boolean {
    return this.#cells.runs === 0 && this.#fragments === undefined;
  }

  runAt(block: number, end: number, into: Run): void {
    this.#cells.runAt(block, end, into);
  }

  holds(first: number, end: number): boolean {
    if (this.#fragments?.any(first, end)) return true;
    const run: Run = { count: 0, segment: NOWHERE, position: 0 };
    this.#cells.runAt(first, end, run);
    return run.segment !== NOWHERE || run.count < end - first;
  }

  set(first: number, count: number, segment: number, position: number): void {
    const cells = this.#cells;
    cells.set(first, count, segment, position);
    if (cells instanceof SparseCells ? cells.runs > MOST_SPARSE_RUNS : cells.runs < FEWEST_DENSE_RUNS)
      this.#cells = copied(cells, cells instanceof SparseCells ? new DenseCells() : new SparseCells());
  }

  /** True: nothing of the block below its pieces is seen any more. */
  addFragment(block: number, fragment: Fragment, segments: SegmentTable): boolean {
    this.#fragments ??= new Fragments(segments);
    return this.#fragments.add(block, fragment);
  }

  clearFragments(first: number, end: number): void {
    this.#fragments?.clear(first, end);
    if (this.#fragments?.count === 0) this.#fragments = undefined;
  }

  clone(): Region {
    const clone = new Region();
    clone.#cells = this.#cells.clone();
    clone.#fragments = this.#fragments?.clone();
    return clone;
  }
}

const copied = (from: Cells, to: Cells): Cells => {
  const run: Run = { count: 0, segment: NOWHERE, position: 0 };
  for (let block = 0; block < REGION_BLOCKS; block += run.count) {
    from.runAt(block, REGION_BLOCKS, run);
    if (run.segment !== NOWHERE) to.set(block, run.count, run.segment, run.position);
  }
  return to;
};
