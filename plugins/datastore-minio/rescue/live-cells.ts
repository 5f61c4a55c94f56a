import { BLOCK_SECTORS, CELL_BYTES } from "../cell.ts";
import type { CellPlace } from "../cell-reader.ts";
import type { ExtentMap } from "../extent-map.ts";
import { Turns } from "../map/turns.ts";

/** Blocks that are looked at in one step. */
const STEP_BLOCKS = 2 ** 14;

/** The cells of those segments that the map points at, in the order of the disk. */
export async function* liveCellsOf(
  map: ExtentMap,
  blocks: number,
  segments: ReadonlySet<number>,
): AsyncGenerator<CellPlace> {
  const turns = new Turns();
  for (let block = 0; block < blocks; block += STEP_BLOCKS) {
    const found: CellPlace[] = [];
    map.visit(block, Math.min(STEP_BLOCKS, blocks - block), {
      hole: () => undefined,
      run(first, count, segment, position) {
        if (!segments.has(segment)) return;
        for (let at = 0; at < count; at++)
          found.push({
            block: first + at,
            firstSector: 0,
            sectors: BLOCK_SECTORS,
            segment,
            position: position + at * CELL_BYTES,
          });
      },
      fragment(at, firstSector, sectors, segment, position) {
        if (segments.has(segment)) found.push({ block: at, firstSector, sectors, segment, position });
      },
    });
    yield* found;
    if (turns.over) await turns.next();
  }
}
