import { setImmediate } from "node:timers/promises";
import type { DirtyExtent } from "../contract/index.ts";
import { BLOCK_BYTES, blockCount, blockOf } from "./blocks.ts";
import type { DiskCore } from "./disk-core.ts";

/** Others get their turn after so many blocks and so many runs: some 0.2 ms of work. */
const BLOCKS_PER_TURN = 32 * 1024;
const RUNS_PER_TURN = 256;

/** What the move that is under way has still to copy of a range; a move that ends meanwhile leaves the rest clean. */
export async function* dirtyExtents(
  core: Pick<DiskCore, "tracker">,
  offset: number,
  length: number,
): AsyncGenerator<DirtyExtent> {
  const end = offset + length;
  const blocks = blockCount(end);
  let at = offset;
  let seen = 0;
  for (let runs = 1; at < end; runs++) {
    const run = core.tracker?.toCopy(blockOf(at), BLOCKS_PER_TURN);
    if (run === undefined || run.first >= blocks) break;
    const from = Math.max(at, run.first * BLOCK_BYTES);
    if (from > at) yield { offset: at, length: from - at, dirty: false };
    at = Math.min(end, (run.first + run.count) * BLOCK_BYTES);
    yield { offset: from, length: at - from, dirty: true };
    seen += run.count;
    if (seen < BLOCKS_PER_TURN && runs % RUNS_PER_TURN !== 0) continue;
    seen = 0;
    await setImmediate();
  }
  if (at < end) yield { offset: at, length: end - at, dirty: false };
}
