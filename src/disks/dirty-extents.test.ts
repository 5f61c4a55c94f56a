import { expect, test } from "vitest";
import { BlockBitmap } from "./block-bitmap.ts";
import { BLOCK_BYTES } from "./blocks.ts";
import { dirtyExtents } from "./dirty-extents.ts";
import { Tracker } from "./tracker.ts";

const BLOCKS = 64;

/** The dirty runs of a range as first block and count; fails where the extents leave gaps. */
const dirtyRuns = async (tracker: Tracker | undefined, offset = 0, length = BLOCKS * BLOCK_BYTES) => {
  const runs: (readonly [number, number])[] = [];
  let at = offset;
  for await (const extent of dirtyExtents({ tracker }, offset, length)) {
    expect(extent.offset).toBe(at);
    at += extent.length;
    if (extent.dirty) runs.push([extent.offset / BLOCK_BYTES, extent.length / BLOCK_BYTES]);
  }
  expect(at).toBe(offset + length);
  return runs;
};

test("without a move everything is clean", async () => {
  expect(await dirtyRuns(undefined)).toEqual([]);
});

test("what was written and not copied since is dirty, cut to the range that is asked about", async () => {
  const tracker = new Tracker(BLOCKS * BLOCK_BYTES);
  tracker.ended(3 * BLOCK_BYTES, 2 * BLOCK_BYTES);
  tracker.ended(10 * BLOCK_BYTES, 512);
  expect(await dirtyRuns(tracker)).toEqual([
    [3, 2],
    [10, 1],
  ]);
  expect(await dirtyRuns(tracker, 4 * BLOCK_BYTES, 6 * BLOCK_BYTES)).toEqual([[4, 1]]);
  expect(await dirtyRuns(tracker, 10.5 * BLOCK_BYTES, BLOCK_BYTES)).toEqual([[10.5, 0.5]]);
  tracker.begin({ first: 3, count: 1 });
  expect(await dirtyRuns(tracker)).toEqual([
    [4, 1],
    [10, 1],
  ]);
});

test("what a copy has taken on and not begun is dirty too, in a sweep and in a round", async () => {
  const tracker = new Tracker(BLOCKS * BLOCK_BYTES);
  const all = new BlockBitmap(BLOCKS);
  all.set(0, BLOCKS);
  tracker.sweep();
  tracker.copies(all);
  tracker.begin({ first: 0, count: 16 });
  tracker.ended(2 * BLOCK_BYTES, BLOCK_BYTES);
  tracker.ended(40 * BLOCK_BYTES, BLOCK_BYTES);
  expect(await dirtyRuns(tracker)).toEqual([
    [2, 1],
    [16, 48],
  ]);
  tracker.begin({ first: 16, count: 48 });
  tracker.endSweep();
  tracker.copies(undefined);
  expect(await dirtyRuns(tracker)).toEqual([[2, 1]]);
  const round = tracker.dirty.take();
  tracker.copies(round);
  expect(await dirtyRuns(tracker)).toEqual([[2, 1]]);
  tracker.begin({ first: 2, count: 1 });
  expect(await dirtyRuns(tracker)).toEqual([]);
});
