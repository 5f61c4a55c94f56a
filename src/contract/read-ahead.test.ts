import { expect, test } from "vitest";
import { ReadAhead } from "./read-ahead.ts";

const KiB = 1024;
const MiB = 1024 * KiB;

/** What is asked for while reads of so many bytes at these places wait for storage. */
const asked = (places: readonly number[], length: number): readonly (readonly [number, number])[] => {
  const ranges: [number, number][] = [];
  const ahead = new ReadAhead((at, bytes) => void ranges.push([at, at + bytes]), {
    firstBytes: 128 * KiB,
    mostBytes: MiB,
  });
  for (const at of places) ahead.saw(at, length);
  return ranges;
};
const sequential = (from: number, count: number, length: number) =>
  Array.from({ length: count }, (_, index) => from + index * length);

test("a reader that goes through the file finds all but its first bytes asked for, once, and not far ahead", () => {
  const ranges = asked(sequential(0, 256, 64 * KiB), 64 * KiB);
  let end = 128 * KiB;
  for (const [from, to] of ranges) {
    expect(from).toBe(end);
    expect(to - from).toBeLessThanOrEqual(MiB);
    end = to;
  }
  expect(end).toBeGreaterThanOrEqual(16 * MiB);
  expect(end).toBeLessThan(18 * MiB);
});

test("reads here and there ask for nothing", () => {
  expect(
    asked(
      [0, 40, 8, 32, 16, 100, 64, 4].map((at) => at * MiB),
      4 * KiB,
    ),
  ).toEqual([]);
});

test("readers that take turns, whose requests overtake each other, are told apart", () => {
  const places = sequential(0, 32, 256 * KiB).flatMap((at) => [at, at + 1024 * MiB, at + 2048 * MiB]);
  for (let index = 12; index + 3 < places.length; index += 6) {
    const [a, b] = [places[index] ?? 0, places[index + 3] ?? 0];
    [places[index], places[index + 3]] = [b, a];
  }
  const ranges = asked(places, 256 * KiB);
  for (const base of [0, 1024 * MiB, 2048 * MiB]) {
    const bytes = ranges.filter(([from]) => from >= base && from < base + 1024 * MiB);
    expect(bytes.reduce((sum, [from, to]) => sum + to - from, 0)).toBeGreaterThan(7 * MiB);
    expect(bytes.reduce((sum, [from, to]) => sum + to - from, 0)).toBeLessThan(11 * MiB);
  }
});
