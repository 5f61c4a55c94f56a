import fc from "fast-check";
import { expect, test } from "vitest";
import { FlushCost } from "./flush-cost.ts";

const MIB = 1024 ** 2;
const expectedMs = (cost: FlushCost, bytes: number) => cost.baseMs + bytes * cost.msPerByte;

test("before the first flush nothing is expected of one", () => {
  expect(expectedMs(new FlushCost(), MIB)).toBe(0);
});

test("a flush that takes as long as ever, and so long per byte, is learnt from a few", () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 1024 }), { minLength: 4, maxLength: 20 });
  const ms = (max: number) => fc.double({ min: 0.5, max, noNaN: true });
  fc.assert(
    fc.property(sizes, ms(50), ms(5), (mibs, baseMs, perMib) => {
      fc.pre(mibs.slice(-4).some((mib) => mib === 0) && mibs.slice(-4).some((mib) => mib > 16));
      const cost = new FlushCost();
      for (const mib of mibs) cost.record(mib * MIB, baseMs + mib * perMib);
      expect(cost.baseMs).toBeCloseTo(baseMs, 1);
      expect(cost.msPerByte * MIB).toBeCloseTo(perMib, 1);
    }),
  );
});

// Fails where a flush counts by how many milliseconds it is off: the first one decides everything then.
test("the flush of a whole disk does not spoil what is expected of the next few blocks", () => {
  const cost = new FlushCost();
  cost.record(1024 * MIB, 900);
  cost.record(0, 3);
  cost.record(100 * MIB, 180);
  cost.record(2 * MIB, 5);
  expect(expectedMs(cost, 2 * MIB)).toBeGreaterThan(3);
  expect(expectedMs(cost, 2 * MIB)).toBeLessThan(8);
});

test("of one flush of a whole disk nothing is feared for a few blocks, of one of a few blocks it is", () => {
  const [much, little] = [new FlushCost(), new FlushCost()];
  much.record(1024 * MIB, 900);
  little.record(4096, 900);
  expect(expectedMs(much, MIB)).toBeLessThan(1);
  expect(expectedMs(little, MIB)).toBeCloseTo(900);
});

// Fails where a line is drawn through both: a store far away, slow beside a busy server, is then expected to take nothing.
test("what a flush of little took is expected of the next, whatever each byte of a large one took", () => {
  const cost = new FlushCost();
  cost.record(256 * 1024, 25);
  cost.fade();
  cost.record(16 * MIB, 2000);
  expect(expectedMs(cost, 4096)).toBeGreaterThan(20);
  const surprised = new FlushCost();
  surprised.record(256 * 1024, 210);
  surprised.fade();
  surprised.record(16 * MIB, 100);
  expect(expectedMs(surprised, 4096)).toBeGreaterThan(20);
});

test("a target that becomes slower is believed after a few flushes", () => {
  const cost = new FlushCost();
  for (let flush = 0; flush < 10; flush++) cost.record(MIB, 2);
  for (let flush = 0; flush < 4; flush++) cost.record(MIB, 22);
  expect(expectedMs(cost, MIB)).toBeGreaterThan(2);
  for (let flush = 0; flush < 12; flush++) cost.record(MIB, 22);
  expect(expectedMs(cost, MIB)).toBeGreaterThan(15);
});

// Fails where each counts by what it took alone: the fastest decides everything then, and that is the exception.
test("flushes that are fast now and then are expected to take what most of them do", () => {
  const cost = new FlushCost();
  for (let flush = 0; flush < 24; flush++) cost.record(65536, flush % 4 === 0 ? 3 : 40);
  expect(expectedMs(cost, 65536)).toBeGreaterThan(20);
});

// Fails where what was written in order decides what scattered blocks are expected to take.
test("after what was written in order, scattered blocks are expected to take as long as they did", () => {
  const cost = new FlushCost();
  for (let n = 0; n < 16; n++) cost.record(64 * MIB, 30);
  cost.fade();
  expect(expectedMs(cost, 64 * MIB)).toBeCloseTo(30, 0);
  cost.record(8 * MIB, 45);
  cost.record(MIB, 10);
  expect(expectedMs(cost, 8 * MIB)).toBeGreaterThan(40);
});
