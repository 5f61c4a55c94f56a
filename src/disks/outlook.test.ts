import fc from "fast-check";
import { expect, test } from "vitest";
import { endMs, fittingBytes, type Pace, pauseMs } from "./outlook.ts";

const MB = 1_000_000;
const pace: Pace = {
  copying: 100 * MB,
  rounds: 30 * MB,
  bulk: 50 * MB,
  dirtying: 15 * MB,
  flush: { baseMs: 5, msPerByte: 1 / MB },
  fixedMs: 4,
  unflushed: 0,
};
const size = 1000 * MB;

test("a pause is draining, copying with nothing in the way, flushing and the commit", () => {
  expect(pauseMs(pace, 2 * MB)).toBe(4 + 5 + 20 + 2);
});

test("what was copied and is not durable yet is flushed in the pause too", () => {
  const behind = { ...pace, unflushed: 10 * MB };
  expect(pauseMs(behind, 2 * MB)).toBe(4 + 5 + 20 + 12);
  expect(fittingBytes(behind, 41)).toBeCloseTo(2 * MB);
});

test("as much fits a pause as it takes, and nothing where not even an empty flush does", () => {
  expect(fittingBytes(pace, 31)).toBeCloseTo(2 * MB);
  expect(fittingBytes(pace, 9)).toBe(0);
  expect(fittingBytes({ ...pace, copying: 0, flush: { baseMs: 0, msPerByte: 0 } }, 9)).toBe(
    Number.POSITIVE_INFINITY,
  );
});

test("a slower flush is in the pause, and leaves less room to copy", () => {
  const slow = { ...pace, flush: { ...pace.flush, baseMs: 25 } };
  expect(pauseMs(slow, MB) - pauseMs(pace, MB)).toBe(20);
  expect(fittingBytes(slow, 40)).toBeLessThan(fittingBytes(pace, 40));
});

test("the end is the rest of the bulk copy, rounds that halve what is dirty, and the pause", () => {
  const bulkMs = 2000;
  const dirty = 30 * MB;
  const end = endMs(
    { ...pace, flush: { baseMs: 0, msPerByte: 0 } },
    { bulkLeft: 100 * MB, dirty: 0, size },
    50,
  );
  // 30 MB dirty after two seconds; rounds of 1 s, 0.5 s and 0.25 s leave 3.75 MB, which fit.
  expect(end).toBeCloseTo(bulkMs + (dirty / pace.rounds) * 1000 * 1.75 + 4 + 37.5, 0);
});

test("where more becomes dirty than is copied there is no end, unless all of it fits the pause", () => {
  const losing = { ...pace, dirtying: 31 * MB };
  const at = { bulkLeft: 0, dirty: 20 * MB, size };
  expect(endMs(losing, at, 50)).toBeUndefined();
  expect(endMs(losing, at, 500)).toBeCloseTo(pauseMs(losing, 20 * MB));
  expect(
    endMs({ ...losing, dirtying: 5000 * MB }, { bulkLeft: 100 * MB, dirty: 0, size: MB }, 500),
  ).toBeDefined();
});

test("predicting always ends", () => {
  const rate = fc.double({ min: 0, max: 1e10, noNaN: true });
  fc.assert(
    fc.property(
      rate,
      rate,
      rate,
      rate,
      fc.nat({ max: 2 ** 31 }),
      (copying, rounds, bulk, dirtying, dirty) => {
        const end = endMs({ ...pace, copying, rounds, bulk, dirtying }, { bulkLeft: dirty, dirty, size }, 50);
        expect(end === undefined || (end >= 0 && end < Number.POSITIVE_INFINITY)).toBe(true);
      },
    ),
    // Rates so small that times are infinite.
    {
      examples: [
        [5e-324, 5e-324, 0, 0, 1],
        [5e-324, 0, 5e-324, 1, 1],
      ],
    },
  );
});
