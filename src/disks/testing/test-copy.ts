import { FakeClock } from "../../testing/fake-clock.ts";
import { FakeLayer } from "../../testing/fake-layer.ts";
import { BlockBitmap } from "../block-bitmap.ts";
import { BLOCK_BYTES } from "../blocks.ts";
import { Copier, type CopyOptions } from "../copier.ts";
import type { CopyBrake } from "../copy-brake.ts";
import { Tracker } from "../tracker.ts";
import { testBrake } from "./test-brake.ts";
import { testDisk } from "./test-disk.ts";

/** A copier between two layers in memory, with a guest whose writes are tracked. */
export const testCopy = (
  sizeBytes: number,
  { clock = new FakeClock(), brake = testBrake(clock) }: { clock?: FakeClock; brake?: CopyBrake } = {},
) => {
  const source = new FakeLayer("source", sizeBytes);
  const target = new FakeLayer("target", sizeBytes);
  const { disk, guest } = testDisk(source, clock);
  const tracker = new Tracker(sizeBytes);
  const phase = () => "copying";
  const copier = new Copier({
    disk: "web",
    sizeBytes,
    source,
    target,
    tracker,
    clock,
    phase,
    brake,
  });
  const all = BlockBitmap.full(tracker.blocks);
  disk.track(tracker);
  const copy = (blocks: BlockBitmap, options: Partial<CopyOptions> = {}) =>
    copier.copy(blocks, {
      fresh: false,
      signal: new AbortController().signal,
      proceed: () => undefined,
      braked: false,
      copied: () => undefined,
      ...options,
    });
  return { clock, source, target, disk, guest, tracker, copier, copy, all };
};

/** The blocks that are marked. */
export const dirtyBlocks = (tracker: Tracker): number[] =>
  Array.from({ length: tracker.blocks }, (_, block) => block).filter((block) => tracker.dirty.has(block));

/** The blocks that differ. */
export const differingBlocks = (source: FakeLayer, target: FakeLayer): number[] => {
  const differing: number[] = [];
  for (let from = 0; from < source.sizeBytes; from += BLOCK_BYTES) {
    const to = from + BLOCK_BYTES;
    if (Buffer.compare(source.bytes.subarray(from, to), target.bytes.subarray(from, to)) !== 0)
      differing.push(from / BLOCK_BYTES);
  }
  return differing;
};

/** The same numbers for the same seed. */
export const randomOf = (seed: number) => () => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed / 2 ** 32;
};
