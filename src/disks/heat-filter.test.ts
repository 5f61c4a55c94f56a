import fc from "fast-check";
import { expect, test } from "vitest";
import { FakeClock } from "../testing/fake-clock.ts";
import { HeatFilter } from "./heat-filter.ts";

// Fails where a stage keeps a count for another block's sake, or a halving rounds down more than the count itself.
test("M-22: a block's heat is never lower than its writes, halved as time went by, whatever else was written", () => {
  const step = fc.oneof(
    fc.record({ first: fc.nat({ max: 2 ** 31 }), count: fc.integer({ min: 1, max: 300 }) }),
    fc.record({ first: fc.nat({ max: 50 }), count: fc.integer({ min: 1, max: 5 }) }),
    fc.record({ seconds: fc.integer({ min: 1, max: 10 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const clock = new FakeClock();
      const filter = new HeatFilter(clock);
      const counts = new Map<number, number>();
      for (const done of steps)
        if ("seconds" in done) {
          clock.passUnnoticed(done.seconds * 1000);
          filter.cool();
          for (const [block, count] of counts) counts.set(block, count >>> done.seconds);
        } else {
          filter.written(done.first, done.count);
          for (let block = done.first; block < done.first + done.count; block++)
            counts.set(block, Math.min(255, (counts.get(block) ?? 0) + 1));
        }
      for (const [block, count] of counts) expect(filter.heat(block)).toBeGreaterThanOrEqual(count);
    }),
  );
});

test("a hot block stands out among many that were written once", () => {
  const filter = new HeatFilter(new FakeClock());
  for (let block = 0; block < 20_000; block++) filter.written(block * 13, 1);
  for (let writes = 0; writes < 20; writes++) filter.written(7, 1);
  expect(filter.heat(7)).toBeGreaterThanOrEqual(20);
  const warm = Array.from({ length: 20_000 }, (_, block) => filter.heat(block * 13)).filter(
    (heat) => heat >= 8,
  );
  expect(warm.length).toBeLessThan(20);
});

// Fails where counts cool down only when somebody asks: what was written just now would cool with what is long past.
test("a block that is written all the time is hot whenever that is asked, however long nobody did", () => {
  const clock = new FakeClock();
  const filter = new HeatFilter(clock);
  for (let write = 0; write < 60 * 200; write++) {
    filter.written(7, 1);
    clock.passUnnoticed(5);
  }
  filter.cool();
  expect(filter.heat(7)).toBeGreaterThan(100);
});

// Fails where each block of a discard is counted: a few of them would make every block of the disk hot, and hold the guest meanwhile.
test("discards of much of the disk heat nothing", () => {
  const filter = new HeatFilter(new FakeClock());
  for (let discards = 0; discards < 3; discards++) filter.written(0, 2 ** 20);
  expect([filter.heat(0), filter.heat(2 ** 20 - 1), filter.heat(2 ** 30)]).toEqual([0, 0, 0]);
});

test("counts stop at the most that they can say, and are gone after a while", () => {
  const clock = new FakeClock();
  const filter = new HeatFilter(clock);
  for (let writes = 0; writes < 1000; writes++) filter.written(3, 2);
  expect([filter.heat(3), filter.heat(4)]).toEqual([255, 255]);
  clock.passUnnoticed(3999);
  filter.cool();
  expect(filter.heat(3)).toBe(31);
  clock.passUnnoticed(60_000);
  filter.cool();
  expect(filter.heat(3)).toBe(0);
});
