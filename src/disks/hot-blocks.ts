import type { Clock } from "../contract/index.ts";
import type { BlockBitmap } from "./block-bitmap.ts";
import { turn } from "./copy-turns.ts";
import { type HeatFilter, MOST_HEAT } from "./heat-filter.ts";

/** A block written so often within a second or two is written again before the guest is held. */
const HOT = 8;
/** A scan lets others have their turn after so long, and looks at the clock once in so many blocks. */
const TURN_MS = 0.25;
const LOOK_BLOCKS = 64;

/** Takes the hottest blocks out of a set, at most `limit` of them, and answers them one by one to `left`. */
export async function leaveHottest(
  blocks: BlockBitmap,
  limit: number,
  { filter, clock, left }: { filter: HeatFilter; clock: Clock; left: (block: number) => void },
): Promise<void> {
  filter.cool();
  const byHeat = new Uint32Array(MOST_HEAT + 1);
  await eachOf(blocks, clock, (block) => {
    const heat = filter.heat(block);
    byHeat[heat] = (byHeat[heat] ?? 0) + 1;
  });
  const least = leastHeat(byHeat, limit);
  if (least > MOST_HEAT) return;
  let room = limit;
  await eachOf(blocks, clock, (block) => {
    // The guest goes on writing: more may be as hot by now.
    if (room === 0 || filter.heat(block) < least) return;
    room--;
    blocks.clear(block, 1);
    left(block);
  });
}

/** The lowest heat at which no more than `limit` blocks are left out; above all heat where even the hottest are more. */
const leastHeat = (byHeat: Uint32Array, limit: number): number => {
  let least = MOST_HEAT + 1;
  for (let count = 0; least > HOT; least--) {
    count += byHeat[least - 1] ?? 0;
    if (count > limit) break;
  }
  return least;
};

async function eachOf(blocks: BlockBitmap, clock: Clock, visit: (block: number) => void): Promise<void> {
  let fromMs = clock.monotonicMs();
  let seen = 0;
  for (let block = blocks.next(0); block !== undefined; block = blocks.next(block + 1)) {
    visit(block);
    seen++;
    if (seen % LOOK_BLOCKS > 0 || clock.monotonicMs() - fromMs < TURN_MS) continue;
    await turn();
    fromMs = clock.monotonicMs();
  }
}
