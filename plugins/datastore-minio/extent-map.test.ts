import fc from "fast-check";
import { expect, test } from "vitest";
import { BLOCK_BYTES, CELL_BYTES, cellBytes } from "./cell.ts";
import { ExtentMap, type ExtentVisitor } from "./extent-map.ts";
import { ChangingMap, change } from "./testing/map-changes.ts";
import { toldBy } from "./testing/plain-map.ts";

const GIB = 2 ** 30 / BLOCK_BYTES;
const MIB = 2 ** 20;
const SECTORS = 8;
/** A sector with its checksum. */
const PIECE_BYTES = 516;

/** What is told, as text in the order in which it comes. */
const story = (map: ExtentMap, block: number, count: number): string[] => {
  const lines: string[] = [];
  const visitor: ExtentVisitor = {
    hole: (at, blocks) => lines.push(`${at}+${blocks} zeroes`),
    run: (at, blocks, segment, position) => lines.push(`${at}+${blocks} in ${segment} at ${position}`),
    fragment: (at, first, sectors, segment, position) =>
      lines.push(`${at}/${first}+${sectors} in ${segment} at ${position}`),
  };
  map.visit(block, count, visitor);
  return lines;
};

/** All numbers below `end`, once each, in an order without order. */
function* shuffled(end: number): Iterable<number> {
  for (let at = 0; at < end; at++) yield (at * 7919 * 104_729) % end;
}

test("a map says of every sector which cell it is read from, and how much of each segment is in use", () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
      const changing = new ChangingMap(new ExtentMap());
      for (const made of changes) changing.make(made);
      const { sectors, problems, liveBytes } = toldBy(changing.map);
      expect(problems).toEqual([]);
      expect(sectors).toEqual(changing.plain.sectors);
      const counted = [...changing.map.segments].filter((segment) => segment.liveBytes > 0);
      expect(new Map(counted.map((use) => [use.segment, use.liveBytes]))).toEqual(liveBytes);
    }),
  );
});

test("what was written one after the other is one run, whatever order it was put in", () => {
  const map = new ExtentMap();
  for (const block of [3, 1, 0, 2]) map.put(block, 1, 7, 100 + block * CELL_BYTES);
  map.put(4, 2, 8, 0);
  expect(story(map, 0, 8)).toEqual(["0+4 in 7 at 100", "4+2 in 8 at 0", "6+2 zeroes"]);
  expect(story(map, 2, 1)).toEqual([`2+1 in 7 at ${100 + 2 * CELL_BYTES}`]);
});

test("pieces of a block are told after it, the oldest first, and go with the next whole block", () => {
  const map = new ExtentMap();
  map.put(0, 2, 1, 0);
  map.putFragment(1, 2, 3, 2, 0);
  map.putFragment(1, 0, 3, 2, 9000);
  map.putFragment(5, 7, 1, 2, 20_000);
  const pieces = ["1/2+3 in 2 at 0", "1/0+3 in 2 at 9000"];
  expect(story(map, 0, 6)).toEqual(["0+2 in 1 at 0", ...pieces, "2+4 zeroes", "5/7+1 in 2 at 20000"]);
  expect(map.fragments).toBe(3);
  map.put(1, 1, 3, 0);
  map.remove(5, 1);
  expect(map.fragments).toBe(0);
  expect(story(map, 0, 6)).toEqual(["0+1 in 1 at 0", "1+1 in 3 at 0", "2+4 zeroes"]);
  expect(map.liveBytes(2)).toBe(0);
});

test("what later pieces cover wholly is dropped, the block below them too", () => {
  const map = new ExtentMap();
  map.put(0, 1, 1, 0);
  map.putFragment(0, 1, 2, 2, 0);
  map.putFragment(0, 0, 4, 3, 0);
  expect(map.liveBytes(2)).toBe(0);
  map.putFragment(0, 4, 4, 3, 5000);
  expect(map.liveBytes(1)).toBe(0);
  expect(map.liveBytes(3)).toBe(2 * cellBytes(4));
  expect(story(map, 0, 1)).toEqual(["0+1 zeroes", "0/0+4 in 3 at 0", "0/4+4 in 3 at 5000"]);
});

test("collection moves only what still lies where it was taken from", () => {
  const map = new ExtentMap();
  map.put(10, 4, 1, 0);
  map.putFragment(12, 0, 1, 1, 50_000);
  map.put(11, 1, 2, 0);
  map.relocate(10, 4, { segment: 1, position: 0 }, { segment: 9, position: 100 });
  map.relocateFragment(12, 0, 1, { segment: 1, position: 50_000 }, { segment: 9, position: 70_000 });
  map.relocateFragment(12, 0, 1, { segment: 1, position: 50_000 }, { segment: 9, position: 80_000 });
  expect(story(map, 10, 4)).toEqual([
    "10+1 in 9 at 100",
    "11+1 in 2 at 0",
    `12+2 in 9 at ${100 + 2 * CELL_BYTES}`,
    "12/0+1 in 9 at 70000",
  ]);
  expect(map.liveBytes(1)).toBe(0);
  expect(map.pointsAt(13, { segment: 9, position: 100 + 3 * CELL_BYTES })).toBe(true);
  expect(map.pointsAt(13, { segment: 1, position: 3 * CELL_BYTES })).toBe(false);
  expect(map.hasFragment(12, { firstSector: 0, sectors: 1, segment: 9, position: 70_000 })).toBe(true);
  expect(map.hasFragment(12, { firstSector: 0, sectors: 1, segment: 1, position: 50_000 })).toBe(false);
});

test("a map knows whether a range holds anything", () => {
  const map = new ExtentMap();
  map.put(3000, 2, 1, 0);
  map.putFragment(9000, 0, 1, 1, 10_000);
  const held = [
    [0, 3000],
    [0, 3001],
    [3001, 1],
    [3002, 5998],
    [3002, 5999],
    [9001, 2 ** 31],
  ] as const;
  expect(held.map(([block, count]) => map.holds(block, count))).toEqual([
    false,
    true,
    true,
    false,
    true,
    false,
  ]);
  map.remove(0, 2 ** 32);
  expect(map.holds(0, 2 ** 32)).toBe(false);
  expect([...map.segments]).toEqual([{ segment: 1, liveBytes: 0, totalBytes: 0 }]);
});

test("segments are forgotten when nothing points at them, and others are found still", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 1, max: 400 }), { maxLength: 100 }),
      fc.nat(),
      (numbers, odd) => {
        const map = new ExtentMap();
        for (const segment of numbers) map.add(segment, segment);
        const gone = numbers.filter((_, index) => (index ^ odd) & 1);
        for (const segment of gone) map.forget(segment);
        const left = numbers.filter((segment) => !gone.includes(segment)).sort((a, b) => a - b);
        const told = [...map.segments].map(({ totalBytes }) => totalBytes).sort((a, b) => a - b);
        expect(told).toEqual(left);
        for (const segment of left) map.put(segment, 1, segment, 0);
        for (const segment of left) expect(map.liveBytes(segment)).toBe(CELL_BYTES);
      },
    ),
  );
  const map = new ExtentMap();
  map.put(0, 1, 5, 0);
  expect(() => map.forget(5)).toThrow("segment 5 is in use");
});

test("the map of a disk that is written in runs of 64 KiB, in any order, stays below 40 MiB for 100 GiB", () => {
  const map = new ExtentMap();
  const share = 1 / 16;
  const run = 16;
  let place = 0;
  for (const at of shuffled((100 * GIB * share) / run)) {
    map.put(at * run, run, 1 + Math.floor(place / 127), (place % 127) * run * CELL_BYTES);
    place++;
  }
  expect(map.bytes).toBeLessThan(40 * MIB * share);
});

test("the map of a disk whose blocks all lie apart takes little more than 2 MiB for 1 GiB, and less again once they don't", () => {
  const map = new ExtentMap();
  for (const block of shuffled(GIB))
    map.put(block, 1, 1 + (block % 500), Math.floor(block / 500) * CELL_BYTES);
  expect(map.bytes).toBeLessThan(2.1 * MIB);
  for (let block = 0; block < GIB; block += 4096) map.put(block, 4096, 1000 + block, 0);
  expect(map.bytes).toBeLessThan(0.4 * MIB);
});

test("the map of a disk that is written in single sectors, none beside the one before, takes 25 MiB for 1 GiB, and less again once it isn't", () => {
  const map = new ExtentMap();
  const share = 1 / 16;
  map.put(0, GIB * share, 1, 0);
  const perSegment = 1000;
  let place = 0;
  for (let sector = 0; sector < SECTORS; sector++)
    for (const block of shuffled(GIB * share)) {
      const number = 2 + Math.floor(place / perSegment);
      if (sector + 1 < SECTORS)
        map.putFragment(block, sector, 1, number, (place++ % perSegment) * PIECE_BYTES);
    }
  expect(map.bytes).toBeGreaterThan(20 * MIB * share);
  expect(map.bytes).toBeLessThan(25 * MIB * share);
  map.put(0, GIB * share, 1, 0);
  expect(map.bytes).toBeLessThan(2 * MIB * share);
});
