import fc from "fast-check";
import { expect, test } from "vitest";
import { FakeClock } from "../testing/fake-clock.ts";
import { ImpactLimit } from "./impact-limit.ts";

/** A guest that hasn't asked often for so long may be a modest one. */
const KNOWN_MS = 250;

const setUp = (percent: number) => {
  const clock = new FakeClock();
  const state = { percent, demand: { turns: 0, bytes: 0 } };
  const limit = new ImpactLimit(
    clock,
    () => state.percent,
    () => state.demand,
  );
  /** Copies for so long, with the guest asking for something meanwhile. */
  const copy = (ms: number) => {
    state.demand.turns++;
    clock.passUnnoticed(ms);
    limit.took(ms);
    return limit.leftMs();
  };
  return { clock, state, limit, copy };
};

test("beside an idle guest copying never waits, and nothing is owed once it wakes", () => {
  const { clock, state, limit } = setUp(10);
  clock.passUnnoticed(500);
  limit.took(500);
  expect(limit.leftMs()).toBe(0);
  state.demand.turns++;
  expect(limit.leftMs()).toBeLessThanOrEqual(0);
});

test("a guest that falls idle lets copying go on", () => {
  const { clock, copy, limit } = setUp(10);
  expect(copy(1)).toBeCloseTo(15);
  clock.passUnnoticed(5);
  expect(limit.leftMs()).toBeCloseTo(10);
  clock.passUnnoticed(50);
  expect(limit.leftMs()).toBe(0);
});

// Fails where every stretch is paid for: a guest that asks seldom has the rest of the time anyway.
test("a stretch that no request has waited for costs nothing", () => {
  const { clock, state, limit, copy } = setUp(10);
  clock.passUnnoticed(KNOWN_MS);
  limit.leftMs();
  expect(copy(1)).toBeCloseTo(15);
  clock.passUnnoticed(15);
  state.demand.turns++;
  limit.leftMs();
  clock.passUnnoticed(20);
  limit.took(20);
  expect(limit.leftMs()).toBeLessThanOrEqual(0);
});

// Fails where a guest that its own machine keeps from asking for some milliseconds is taken for one that doesn't want to.
test("beside a guest that asks as often as it can every stretch is paid for, also while it doesn't", () => {
  const { clock, state, limit } = setUp(10);
  clock.passUnnoticed(KNOWN_MS);
  limit.leftMs();
  state.demand.turns += 200;
  clock.passUnnoticed(5);
  limit.leftMs();
  clock.passUnnoticed(20);
  limit.took(20);
  expect(limit.leftMs()).toBeGreaterThan(0);
});

test("what such stretches would have cost is saved for some that were waited for, and no more than that", () => {
  const { clock, limit, copy } = setUp(50);
  clock.passUnnoticed(KNOWN_MS);
  copy(0.1);
  for (let stretch = 0; stretch < 200; stretch++) {
    clock.passUnnoticed(0.2);
    limit.took(0.2);
    limit.leftMs();
  }
  const waits = Array.from({ length: 40 }, () => copy(1));
  expect(waits.findIndex((left) => left > 0)).toBeGreaterThan(5);
  expect(waits.findIndex((left) => left > 0)).toBeLessThan(15);
});

// Only the last of the turns in which such a request arrives tells of it.
test("beside large requests every stretch is paid for, until the guest is idle", () => {
  const { clock, state, limit } = setUp(10);
  clock.passUnnoticed(KNOWN_MS);
  const unasked = () => {
    clock.passUnnoticed(1);
    limit.took(1);
    return limit.leftMs();
  };
  state.demand.turns++;
  state.demand.bytes += 4096;
  limit.leftMs();
  expect(unasked()).toBeLessThanOrEqual(0);
  state.demand.turns++;
  state.demand.bytes += 1024 * 1024;
  limit.leftMs();
  expect(unasked()).toBeGreaterThan(0);
  clock.passUnnoticed(50);
  expect(unasked()).toBe(0);
});

test("at 100 percent copying never waits", () => {
  expect(setUp(100).copy(50)).toBe(0);
});

test("a changed share holds for what is owed too", () => {
  const { state, limit, copy } = setUp(1);
  expect(copy(10)).toBeCloseTo(1590);
  state.percent = 50;
  expect(limit.leftMs()).toBeCloseTo(31.8);
});

// Fails where the time of a wait that took too long is forgotten, or remembered without bound.
test("beside a busy guest copying costs its share, whatever stretches and waits last", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 99 }),
      fc.array(
        fc.record({ workMs: fc.double({ min: 0.05, max: 2, noNaN: true }), late: fc.nat({ max: 3 }) }),
        {
          minLength: 200,
          maxLength: 200,
        },
      ),
      (percent, stretches) => {
        const { clock, state, limit, copy } = setUp(percent);
        const startedMs = clock.monotonicMs();
        let workedMs = 0;
        for (const { workMs, late } of stretches) {
          workedMs += workMs;
          for (let left = copy(workMs); left >= 1; left = limit.leftMs()) {
            // As a timer waits: whole milliseconds, and sometimes more.
            for (let ms = 0; ms < Math.ceil(left) + late; ms += 5) state.demand.turns++;
            clock.passUnnoticed(Math.ceil(left) + late);
          }
        }
        const share = workedMs / (clock.monotonicMs() - startedMs);
        const slackMs = 1 + 2;
        // Half as much again as it takes is what it costs.
        expect(share).toBeLessThanOrEqual(percent / 160 + slackMs / (clock.monotonicMs() - startedMs));
      },
    ),
  );
});
