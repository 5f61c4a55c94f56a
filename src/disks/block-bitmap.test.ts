import fc from "fast-check";
import { expect, test } from "vitest";
import { BlockBitmap } from "./block-bitmap.ts";

/** Sizes around the edges of a word (32 blocks) and of a word of the summary (1024 blocks). */
const size = fc.oneof(
  fc.constantFrom(1, 31, 32, 33, 1023, 1024, 1025, 2048, 2100),
  fc.integer({ min: 1, max: 3000 }),
);
const spot = fc.oneof(
  fc.constantFrom(0, 31, 32, 33, 63, 64, 992, 1023, 1024, 1025, 2047, 2048),
  fc.integer({ min: 0, max: 3000 }),
);
const step = fc.record({
  set: fc.boolean(),
  first: spot,
  count: fc.oneof(fc.constantFrom(0, 1, 32, 1024), fc.integer({ min: 0, max: 1500 })),
});

test("answers like a set of numbers, whatever is set and cleared", () => {
  fc.assert(
    fc.property(
      size,
      fc.array(step, { maxLength: 12 }),
      spot,
      fc.integer({ min: 1, max: 70 }),
      (blocks, steps, from, limit) => {
        const bitmap = new BlockBitmap(blocks);
        const model = new Set<number>();
        for (const { set, first, count } of steps) {
          const before = model.size;
          for (let block = first; block < Math.min(first + count, blocks); block++)
            set ? model.add(block) : model.delete(block);
          const changed = set ? bitmap.set(first, count) : bitmap.clear(first, count);
          expect(changed).toBe(Math.abs(model.size - before));
          expect(bitmap.count).toBe(model.size);
        }
        expect(listed(bitmap)).toEqual([...model].sort((a, b) => a - b));
        for (let block = 0; block < blocks; block++) expect(bitmap.has(block)).toBe(model.has(block));
        const run = bitmap.nextRun(from, limit);
        const first = [...model].filter((block) => block >= from).sort((a, b) => a - b)[0];
        expect(run?.first).toBe(first);
        if (run === undefined || first === undefined) return;
        let length = 1;
        while (length < limit && model.has(first + length)) length++;
        expect(run.count).toBe(length);
      },
    ),
  );
});

test("I-M5: what is taken out is what was in, and goes on unchanged by later marks", () => {
  fc.assert(
    fc.property(size, fc.array(spot), fc.array(spot), (blocks, before, after) => {
      const bitmap = new BlockBitmap(blocks);
      for (const block of before) bitmap.set(block, 1);
      const expected = listed(bitmap);
      const taken = bitmap.take();
      expect(bitmap.count).toBe(0);
      expect(listed(bitmap)).toEqual([]);
      for (const block of after) bitmap.set(block, 1);
      expect(listed(taken)).toEqual(expected);
      expect(taken.count).toBe(expected.length);
      expect(listed(bitmap)).toEqual(
        [...new Set(after.filter((block) => block < blocks))].sort((a, b) => a - b),
      );
    }),
  );
});

const listed = (bitmap: BlockBitmap): number[] => {
  const all: number[] = [];
  for (let block = bitmap.next(0); block !== undefined; block = bitmap.next(block + 1)) all.push(block);
  return all;
};
