import fc from "fast-check";
import { expect, test } from "vitest";
import { BlockBitmap } from "./block-bitmap.ts";
import type { Run } from "./blocks.ts";

const PAGE = 32 * 1024;
/** Sizes and places around the edges of a word (32 blocks) and of a page. */
const size = fc.oneof(
  fc.constantFrom(1, 31, 32, 33, 1023, 1024, PAGE - 1, PAGE, PAGE + 1, 2 * PAGE, 2 * PAGE + 100),
  fc.integer({ min: 1, max: 3 * PAGE }),
);
const spot = fc.oneof(
  fc.constantFrom(0, 31, 32, 33, 1023, 1024, PAGE - 1, PAGE, PAGE + 1, 2 * PAGE - 1, 2 * PAGE),
  fc.integer({ min: 0, max: 3 * PAGE }),
);
const length = fc.oneof(
  fc.constantFrom(0, 1, 32, 1024, PAGE - 1, PAGE, 2 * PAGE, 3 * PAGE),
  fc.integer({ min: 0, max: 100 }),
);
const step = fc.record({
  do: fc.constantFrom("set", "clear", "clear except", "keep"),
  first: spot,
  count: length,
});

test("answers like an array of bits, whatever is set and cleared", () => {
  fc.assert(
    fc.property(
      size,
      fc.array(step, { maxLength: 12 }),
      spot,
      fc.integer({ min: 1, max: 2 * PAGE }),
      (blocks, steps, from, limit) => {
        const [bitmap, kept] = [new BlockBitmap(blocks), new BlockBitmap(blocks)];
        const [model, keptModel] = [new Uint8Array(blocks), new Uint8Array(blocks)];
        for (const { do: what, first, count } of steps) {
          const before = sum(model);
          if (what === "keep") {
            kept.set(first, count);
            keptModel.fill(1, first, first + count);
          } else if (what === "clear except") {
            for (let block = first; block < Math.min(first + count, blocks); block++)
              model[block] = (model[block] ?? 0) & (keptModel[block] ?? 0);
            expect(bitmap.clearExcept(first, count, kept)).toBe(before - sum(model));
          } else {
            model.fill(what === "set" ? 1 : 0, first, first + count);
            expect(bitmap[what === "set" ? "set" : "clear"](first, count)).toBe(
              Math.abs(sum(model) - before),
            );
          }
          expect(bitmap.count).toBe(sum(model));
        }
        expect(runsOf(bitmap)).toEqual(runsIn(model));
        expect(model.findIndex((bit, block) => bitmap.has(block) !== (bit === 1))).toBe(-1);
        const run = runsIn(model, from)[0];
        expect(bitmap.nextRun(from, limit)).toEqual(run && { ...run, count: Math.min(run.count, limit) });
      },
    ),
  );
});

test("I-M5: what is taken out is what was in, and goes on unchanged by later marks", () => {
  fc.assert(
    fc.property(size, fc.array(spot), fc.array(spot), (blocks, before, after) => {
      const bitmap = new BlockBitmap(blocks);
      for (const block of before) bitmap.set(block, 1);
      const expected = runsOf(bitmap);
      const taken = bitmap.take();
      expect(bitmap.count).toBe(0);
      expect(runsOf(bitmap)).toEqual([]);
      for (const block of after) bitmap.set(block, 1);
      expect(runsOf(taken)).toEqual(expected);
      const model = new Uint8Array(blocks);
      for (const block of after) if (block < blocks) model[block] = 1;
      expect(runsOf(bitmap)).toEqual(runsIn(model));
    }),
  );
});

// Fails where numbers are cut to 31 bits, or a uniform stretch is walked block by block.
test("a disk of 16 TiB: the last of 2^32 blocks is found behind uniform pages", () => {
  const bitmap = new BlockBitmap(2 ** 32);
  expect(bitmap.set(0, 2 ** 32)).toBe(2 ** 32);
  bitmap.clear(1, 2 ** 32 - 2);
  expect(bitmap.count).toBe(2);
  expect(bitmap.next(1)).toBe(2 ** 32 - 1);
  expect(bitmap.nextRun(2 ** 31, 10)).toEqual({ first: 2 ** 32 - 1, count: 1 });
  bitmap.set(2 ** 31 - 1, 2);
  expect(bitmap.nextRun(1, 10)).toEqual({ first: 2 ** 31 - 1, count: 2 });
  expect(bitmap.has(2 ** 31)).toBe(true);
});

const sum = (model: Uint8Array): number => model.reduce((total, bit) => total + bit, 0);

const runsOf = (bitmap: BlockBitmap): Run[] => {
  const runs: Run[] = [];
  for (let at = 0, run = bitmap.nextRun(at, 2 ** 32); run !== undefined; run = bitmap.nextRun(at, 2 ** 32)) {
    runs.push(run);
    at = run.first + run.count;
  }
  return runs;
};

const runsIn = (model: Uint8Array, from = 0): Run[] => {
  const runs: Run[] = [];
  for (let first = model.indexOf(1, from); first >= 0; ) {
    const end = model.indexOf(0, first);
    runs.push({ first, count: (end < 0 ? model.length : end) - first });
    first = end < 0 ? -1 : model.indexOf(1, end);
  }
  return runs;
};
