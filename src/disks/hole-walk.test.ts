import { expect, test } from "vitest";
import { BLOCK_BYTES } from "./blocks.ts";
import { differingBlocks, dirtyBlocks, testCopy } from "./testing/test-copy.ts";
import { filled } from "./testing/test-disk.ts";

const bytesOf = (blocks: number) => blocks * BLOCK_BYTES;
/** 16 MiB and a short block; the source holds data in blocks 300, and 3000 to 3099. */
const BLOCKS = 4097;
const setUp = (exact = { source: true, target: true }) => {
  const set = testCopy(bytesOf(BLOCKS) - 3584);
  void set.source.write(bytesOf(300), filled(bytesOf(1), 1));
  void set.source.write(bytesOf(3000), filled(bytesOf(100), 1));
  set.source.asked.length = 0;
  set.source.exactExtents = exact.source;
  set.target.exactExtents = exact.target;
  return set;
};

const bytesRead = ({ source, target }: ReturnType<typeof testCopy>): number[] =>
  [source, target].map(({ asked }) =>
    asked.filter(({ operation }) => operation === "read").reduce((sum, { length }) => sum + length, 0),
  );

test("what both sides call a hole is not read, and is proven by their word", async () => {
  const set = setUp();
  await set.copy(set.all, { fresh: true });
  expect(differingBlocks(set.source, set.target)).toEqual([]);
  expect(Math.max(...bytesRead(set))).toBeLessThanOrEqual(bytesOf(1 + 100 + 2 * 16));
  expect(set.tracker.unproven.count).toBe(0);
  expect(set.tracker.holeBlocks).toBeGreaterThanOrEqual(BLOCKS - 101 - 32);
  expect(set.tracker.holeBlocks).toBeLessThanOrEqual(BLOCKS - 101);
  expect(set.target.storedSectors).toBe(101 * 8);
});

test.each([
  ["source", { source: false, target: true }],
  ["target", { source: true, target: false }],
])("where the %s's word can't be taken all is read on both sides", async (_side, exact) => {
  const set = setUp(exact);
  await set.copy(set.all, { fresh: true });
  expect(bytesRead(set)).toEqual([set.source.sizeBytes, set.source.sizeBytes]);
  expect([set.tracker.unproven.count, set.tracker.holeBlocks]).toEqual([0, 0]);
  expect(differingBlocks(set.source, set.target)).toEqual([]);
});

// Fails where a block stays vouched for by the word for a hole that it no longer is.
test("a hole that is written and copied again counts as read back", async () => {
  const { guest, tracker, copy, all } = setUp();
  await copy(all, { fresh: true });
  const before = tracker.holeBlocks;
  void guest.write(bytesOf(1000), filled(512, 2));
  expect(tracker.unproven.count).toBe(1);
  await copy(tracker.dirty.take());
  expect([tracker.holeBlocks, tracker.unproven.count]).toEqual([before - 1, 0]);
});

// Fails where holes are vouched for whatever was written since they were asked for.
test("a hole that is written while it is passed over is dirty and unproven", async () => {
  const { source, guest, tracker, copy, all } = setUp();
  const held = source.hold("extents-returned", 0);
  const copying = copy(all, { fresh: true });
  await held.reached;
  await guest.write(bytesOf(7), filled(512, 2));
  held.release();
  await copying;
  expect(dirtyBlocks(tracker)).toEqual([7]);
  expect([tracker.unproven.count, tracker.unproven.has(7)]).toEqual([1, true]);
});

test("what a target that isn't new holds in a hole of the source is zeroed there", async () => {
  const { source, target, tracker, copy, all } = setUp();
  void target.write(0, filled(source.sizeBytes, 9));
  await copy(all);
  expect(differingBlocks(source, target)).toEqual([]);
  expect(target.storedSectors).toBe(101 * 8);
  expect(tracker.unproven.count).toBe(0);
});

// Fails where the target's own word is not asked for.
test("a new target that holds what was never written there ends the move", async () => {
  const { target, copy, all } = setUp();
  void target.write(bytesOf(2000), filled(512, 9));
  await expect(copy(all, { fresh: true })).rejects.toThrow(`"offset":${bytesOf(2000)}`);
});

test("a large discard is passed over in the next round", async () => {
  const set = setUp();
  void set.source.write(0, filled(bytesOf(2048), 1));
  await set.copy(set.all, { fresh: true });
  void set.guest.zero(0, bytesOf(2048));
  set.source.asked.length = 0;
  set.target.asked.length = 0;
  await set.copy(set.tracker.dirty.take());
  expect(differingBlocks(set.source, set.target)).toEqual([]);
  expect(bytesRead(set)).toEqual([0, 0]);
  expect(set.tracker.unproven.count).toBe(0);
});
