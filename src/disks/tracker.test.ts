import { expect, test } from "vitest";
import { CodedError } from "../contract/index.ts";
import { BLOCK_BYTES } from "./blocks.ts";
import { dirtyBlocks, testCopy } from "./testing/test-copy.ts";
import { filled, watched } from "./testing/test-disk.ts";
import { settled } from "./testing/turns.ts";
import { Tracker } from "./tracker.ts";

const setUp = (sizeBytes = 16 * BLOCK_BYTES) => {
  const test = testCopy(sizeBytes);
  return { ...test, copy: (fresh = false) => test.copy(test.tracker.dirty.take(), { fresh }) };
};

test("M-3: a write is answered without the target and its block is dirty", () => {
  const { guest, tracker, target } = setUp();
  void guest.write(3 * BLOCK_BYTES + 512, filled(512, 1));
  expect(dirtyBlocks(tracker)).toEqual([3]);
  expect(target.asked).toEqual([]);
});

test("M-14: a block written twice is dirty once, and copied once", async () => {
  const { source, guest, tracker, target, copy } = setUp();
  void guest.write(0, filled(512, 1));
  void guest.write(1024, filled(512, 2));
  expect(tracker.dirty.count).toBe(1);
  await copy();
  expect(target.asked.filter(({ operation }) => operation === "read")).toHaveLength(1);
  expect(Buffer.compare(target.bytes, source.bytes)).toBe(0);
});

// Fails where the copier clears the mark after it has read the block.
test.each(["extents-returned", "read-started", "read-returned"] as const)(
  "M-15: a block written while the copy stands at %s is dirty afterwards",
  async (point) => {
    // Extents are asked for a run of some length only.
    const { source, target, guest, tracker, copy } = setUp(32 * BLOCK_BYTES);
    void guest.write(0, filled(16 * BLOCK_BYTES, 1));
    const held = source.hold(point);
    const copying = copy();
    await held.reached;
    await guest.write(0, filled(512, 2));
    held.release();
    await copying;
    expect(dirtyBlocks(tracker)).toEqual([0]);
    expect(tracker.unproven.has(0)).toBe(true);
    await copy();
    expect(Buffer.compare(target.bytes, source.bytes)).toBe(0);
    expect(tracker.unproven.has(0)).toBe(false);
  },
);

test("M-16: a write across two blocks makes both dirty, one that ends at an edge only the first", () => {
  const { guest, tracker } = setUp();
  void guest.write(2 * BLOCK_BYTES - 512, filled(1024, 1));
  void guest.write(5 * BLOCK_BYTES, filled(BLOCK_BYTES, 1));
  expect(dirtyBlocks(tracker)).toEqual([1, 2, 5]);
});

// Fails where a write is marked only when it arrives.
test("M-17: a write under way when the round begins is in the next one", async () => {
  const { source, target, guest, tracker, copy } = setUp();
  const held = source.hold("write-started");
  const writing = guest.write(0, filled(512, 1));
  await held.reached;
  const round = tracker.dirty.take();
  tracker.begin({ first: 0, count: 1 });
  expect(round.count).toBe(0);
  held.release();
  await writing;
  expect(dirtyBlocks(tracker)).toEqual([0]);
  await copy();
  expect(target.bytes[0]).toBe(1);
});

// Fails where the tracker in force when the write began is the one that is told of its end.
test("M-17: a write under way since before the move began is dirty when it has ended", async () => {
  const { source, disk, guest } = setUp();
  const held = source.hold("write-started");
  const writing = guest.write(0, filled(512, 1));
  await held.reached;
  const later = new Tracker(source.sizeBytes);
  disk.track(later);
  held.release();
  await writing;
  expect(dirtyBlocks(later)).toEqual([0]);
});

// Fails where `begin` forgets the writes under way: the layer's hole has become data before the guest is answered.
test("a write that lands in a hole between asking for it and reading it is no mismatch", async () => {
  const { source, target, guest, tracker, copy } = setUp(32 * BLOCK_BYTES);
  tracker.mark(0, 16);
  const write = source.hold("write-started");
  const answer = source.hold("write-reached");
  const extents = source.hold("extents-returned");
  const writing = watched(guest.write(0, filled(512, 1)));
  await write.reached;
  const copying = watched(copy(true));
  await extents.reached;
  write.release();
  await answer.reached;
  extents.release();
  await settled();
  expect([writing.state, copying.state]).toEqual(["pending", "done"]);
  answer.release();
  await settled();
  expect(dirtyBlocks(tracker)).toEqual([0]);
  await copy();
  expect(target.bytes[0]).toBe(1);
});

test("M-18: what the guest zeroes is dirty, and zero at the target although it held data there", async () => {
  const { source, target, guest, tracker, copy } = setUp();
  void guest.write(0, filled(2 * BLOCK_BYTES, 1));
  await copy();
  void guest.zero(512, BLOCK_BYTES);
  expect(dirtyBlocks(tracker)).toEqual([0, 1]);
  await copy();
  expect(Buffer.compare(target.bytes, source.bytes)).toBe(0);
  expect(target.bytes[512]).toBe(0);
});

// Fails where only a write that went well is marked.
test.each(["at once", "later"])(
  "M-19: a write that fails %s leaves its block dirty and unproven",
  async (when) => {
    const { source, guest, tracker } = setUp();
    tracker.unproven.clear(0, 16);
    source.fault = () => {
      throw new CodedError("no-space", { datastore: "test", availableBytes: 0, neededBytes: 512 });
    };
    if (when === "later") source.pause = () => Promise.resolve();
    const attempt = async () => guest.write(BLOCK_BYTES, filled(512, 1));
    await expect(attempt()).rejects.toThrow("no-space");
    await expect((async () => guest.zero(4 * BLOCK_BYTES, 512))()).rejects.toThrow("no-space");
    expect(dirtyBlocks(tracker)).toEqual([1, 4]);
    expect([tracker.unproven.has(1), tracker.unproven.has(4)]).toEqual([true, true]);
  },
);

test("M-20: the short last block is tracked", () => {
  const { guest, tracker } = setUp(2 * BLOCK_BYTES + 512);
  void guest.write(2 * BLOCK_BYTES, filled(512, 1));
  expect(tracker.blocks).toBe(3);
  expect(dirtyBlocks(tracker)).toEqual([2]);
});

test("the witness: a write during a copy takes back what the copy vouches for", async () => {
  const { target, guest, tracker, copy } = setUp();
  void guest.write(0, filled(BLOCK_BYTES, 1));
  const held = target.hold("read-started");
  const copying = copy();
  await held.reached;
  void guest.write(0, filled(512, 2));
  held.release();
  await copying;
  expect(tracker.unproven.has(0)).toBe(true);
});
