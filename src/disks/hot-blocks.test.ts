import fc from "fast-check";
import { expect, test } from "vitest";
import { FakeClock } from "../testing/fake-clock.ts";
import { BlockBitmap } from "./block-bitmap.ts";
import { HeatFilter } from "./heat-filter.ts";
import { leaveHottest } from "./hot-blocks.ts";

const BLOCKS = 1000;

const leaving = async (writes: readonly number[], limit: number, blocks: readonly number[]) => {
  const clock = new FakeClock();
  const filter = new HeatFilter(clock);
  writes.forEach((count, block) => {
    for (let write = 0; write < count; write++) filter.written(block, 1);
  });
  const set = new BlockBitmap(BLOCKS);
  for (const block of blocks) set.set(block, 1);
  const left: number[] = [];
  await leaveHottest(set, limit, { filter, clock, left: (block) => void left.push(block) });
  return { set, left };
};

test("M-22: the hottest are left, as many as may be, and only what is hot", async () => {
  expect((await leaving([0, 1, 9, 200, 50], 2, [0, 1, 2, 3, 4])).left).toEqual([3, 4]);
  expect((await leaving([0, 1, 9, 200, 50], 10, [0, 1, 2, 3, 4])).left).toEqual([2, 3, 4]);
  expect((await leaving([0, 1, 9, 200, 50], 10, [0, 1])).left).toEqual([]);
});

test("M-23: where more are equally hot than may be left, none is", async () => {
  expect((await leaving([255, 255, 255, 255], 3, [0, 1, 2, 3])).left).toEqual([]);
});

// Fails where a block is both left and copied, or neither.
test("whatever is hot, each block is either left or still in the set", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat({ max: 40 }), { maxLength: 200 }),
      fc.uniqueArray(fc.nat({ max: BLOCKS - 1 }), { maxLength: 300 }),
      fc.nat({ max: 100 }),
      async (writes, blocks, limit) => {
        const { set, left } = await leaving(writes, limit, blocks);
        expect(left.length).toBeLessThanOrEqual(limit);
        const kept = blocks.filter((block) => set.has(block));
        expect([...kept, ...left].sort((a, b) => a - b)).toEqual(blocks.toSorted((a, b) => a - b));
        expect(set.count).toBe(kept.length);
      },
    ),
  );
});
