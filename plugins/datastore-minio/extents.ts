import type { Extent } from "pagurus";
import { BLOCK_BYTES } from "./cell.ts";
import type { ExtentMap, ExtentVisitor } from "./extent-map.ts";

/** What one step looks at, so that others get their turn: a step takes well under a millisecond. */
const STEP_BLOCKS = 2 ** 14;

/** Tells data from holes. Blocks of which only parts were written are data. */
class Kinds implements ExtentVisitor {
  readonly runs: { block: number; end: number; data: boolean }[] = [];

  run(block: number, count: number): void {
    this.#add(block, count, true);
  }

  hole(block: number, count: number): void {
    this.#add(block, count, false);
  }

  fragment(block: number): void {
    const last = this.runs.at(-1);
    // A block may have several.
    if (last === undefined || last.data || block < last.block) return;
    // The hole has been told: this block is cut out of it.
    const { end } = last;
    last.end = block;
    if (last.end === last.block) this.runs.pop();
    this.#add(block, 1, true);
    if (block + 1 < end) this.#add(block + 1, end - block - 1, false);
  }

  #add(block: number, count: number, data: boolean): void {
    const last = this.runs.at(-1);
    if (last !== undefined && last.data === data) last.end = block + count;
    else this.runs.push({ block, end: block + count, data });
  }
}

export async function* extentsOf(map: ExtentMap, offset: number, length: number): AsyncIterable<Extent> {
  const end = offset + length;
  for (let at = offset; at < end; ) {
    const first = Math.floor(at / BLOCK_BYTES);
    const blocks = Math.min(STEP_BLOCKS, Math.ceil(end / BLOCK_BYTES) - first);
    const kinds = new Kinds();
    map.visit(first, blocks, kinds);
    for (const { end: last, data } of kinds.runs) {
      const to = Math.min(end, last * BLOCK_BYTES);
      if (to > at) yield { offset: at, length: to - at, kind: data ? "data" : "zero" };
      at = to;
    }
  }
}
