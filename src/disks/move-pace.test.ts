import { expect, test } from "vitest";
import type { RoundStats } from "../contract/index.ts";
import { BLOCK_BYTES } from "./blocks.ts";
import { MovePace } from "./move-pace.ts";
import { fittingBytes } from "./outlook.ts";

const MIB = 1024 * 1024;
const blocks = (256 * MIB) / BLOCK_BYTES;
const bulk = (round: Partial<RoundStats>): RoundStats => ({
  ...{ round: 0, kind: "bulk", blocks, hotBlocks: 0, bytesCopied: 0, bytesZero: 0 },
  ...{ durationMs: 5, newDirtyBlocks: 0 },
  ...round,
});

test("a disk of zeroes alone does not promise that data is copied as quickly as zeroes were passed over", () => {
  const zeroes = new MovePace();
  zeroes.ended(bulk({ bytesZero: 256 * MIB }), 5);
  expect(fittingBytes(zeroes.measured({ fixedMs: 1, unflushedBytes: 0 }), 1000)).toBeLessThan(100 * MIB);
  const data = new MovePace();
  data.ended(bulk({ bytesCopied: 256 * MIB, durationMs: 500 }), 500);
  expect(fittingBytes(data.measured({ fixedMs: 1, unflushedBytes: 0 }), 1000)).toBeGreaterThan(400 * MIB);
});

// Fails where the time that it takes to pass over zeroes is taken for that of the few bytes among them.
test("a few blocks on a large empty disk do not make copying look slow", () => {
  const pace = new MovePace();
  pace.ended(bulk({ bytesCopied: BLOCK_BYTES, bytesZero: 256 * MIB - BLOCK_BYTES, durationMs: 200 }), 200);
  expect(fittingBytes(pace.measured({ fixedMs: 1, unflushedBytes: 0 }), 300)).toBeGreaterThan(10 * MIB);
});

test("switch-overs with nothing left to copy leave it as known how fast copying is", () => {
  const pace = new MovePace();
  pace.ended(bulk({ bytesCopied: 256 * MIB, durationMs: 500 }), 500);
  const known = pace.measured({ fixedMs: 1, unflushedBytes: 0 }).copying;
  for (let attempts = 0; attempts < 5; attempts++) pace.ended(bulk({ kind: "final", blocks: 0 }), 0.1);
  expect(pace.measured({ fixedMs: 1, unflushedBytes: 0 }).copying).toBe(known);
});

// Fails where nothing copied in some time is taken for a rate: everything would seem to fit any pause from then on.
test("a bulk copy of no blocks leaves it as unknown how fast copying is", () => {
  const pace = new MovePace();
  pace.ended(bulk({ blocks: 0 }), 1);
  pace.ended(bulk({ kind: "dirty", blocks: 256, bytesCopied: MIB, durationMs: 100 }), 100);
  expect(pace.measured({ fixedMs: 1, unflushedBytes: 0 }).copying).toBe(10 * MIB);
});
