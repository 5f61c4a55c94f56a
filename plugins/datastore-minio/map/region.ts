import { NOWHERE } from "../cell.ts";
import { DenseCells } from "./dense-cells.ts";
import { type Fragment, Fragments } from "./fragments.ts";
import { type Cells, REGION_BLOCKS, type Run } from "./region-cells.ts";
import { ROW_WORDS, Rows } from "./rows.ts";
import type { SegmentTable } from "./segment-table.ts";
import { SLAB_WORDS, type Slabs } from "./slabs.ts";
import { SparseCells } from "./sparse-cells.ts";

/** With more runs a region takes as much kept block by block; with far fewer again it is not kept so any more. */
const MOST_SPARSE_RUNS = Math.floor(SLAB_WORDS / 2 / ROW_WORDS);
const FEWEST_DENSE_RUNS = MOST_SPARSE_RUNS / 2;
/** Of the objects beside the words that they are about. */
export const REGION_BYTES = 300;

/** The map of one region. It doesn't say what segments lose by a change of its cells: its map does. */
export class Region {
  readonly #slabs: Slabs;
  #cells: Cells;
  #fragments: Fragments | undefined;

  constructor(slabs: Slabs, cells: Cells = new SparseCells(new Rows(slabs)), fragments?: Fragments) {
    this.#slabs = slabs;
    this.#cells = cells;
    this.#fragments = fragments;
  }

  get runs(): number {
    return this.#cells.runs;
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
    const sparse = cells instanceof SparseCells;
    if (sparse ? cells.runs <= MOST_SPARSE_RUNS : cells.runs >= FEWEST_DENSE_RUNS) return;
    this.#cells = sparse ? new DenseCells(this.#slabs) : new SparseCells(new Rows(this.#slabs));
    copy(cells, this.#cells);
    cells.free();
  }

  /** True: nothing of the block below its pieces is seen any more. */
  addFragment(block: number, fragment: Fragment, segments: SegmentTable): boolean {
    this.#fragments ??= new Fragments(new Rows(this.#slabs), segments);
    return this.#fragments.add(block, fragment);
  }

  clearFragments(first: number, end: number): void {
    this.#fragments?.clear(first, end);
    if (this.#fragments?.count !== 0) return;
    this.#fragments.free();
    this.#fragments = undefined;
  }

  /** The same, for the caller to free. */
  clone(): Region {
    return new Region(this.#slabs, this.#cells.clone(), this.#fragments?.clone());
  }

  /** Gives its memory back; it isn't used after. */
  free(): void {
    this.#cells.free();
    this.#fragments?.free();
  }
}

const copy = (from: Cells, to: Cells): void => {
  const run: Run = { count: 0, segment: NOWHERE, position: 0 };
  for (let block = 0; block < REGION_BLOCKS; block += run.count) {
    from.runAt(block, REGION_BLOCKS, run);
    if (run.segment !== NOWHERE) to.set(block, run.count, run.segment, run.position);
  }
};
