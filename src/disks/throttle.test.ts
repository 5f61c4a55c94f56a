import { expect, test } from "vitest";
import { FakeClock } from "../testing/fake-clock.ts";
import { Throttle } from "./throttle.ts";

const setUp = (limit: number | undefined) => {
  const clock = new FakeClock();
  const rate = { limit };
  const throttle = new Throttle(clock, () => rate.limit);
  return { clock, rate, throttle };
};

test("without a limit nobody waits, and nothing is owed when one is set later", () => {
  const { throttle, rate } = setUp(undefined);
  throttle.moved(1e12);
  expect(throttle.leftMs()).toBe(0);
  rate.limit = 1000;
  expect(throttle.leftMs()).toBe(0);
});

test("bytes are paid for at the rate", () => {
  const { clock, throttle } = setUp(1_000_000);
  throttle.moved(100_000);
  expect(throttle.leftMs()).toBe(100);
  clock.advance(100);
  throttle.moved(50_000);
  throttle.moved(50_000);
  expect(throttle.leftMs()).toBe(100);
});

test("an idle time may be made up for, but only a short one", () => {
  const { clock, throttle } = setUp(1_000_000);
  clock.advance(60_000);
  throttle.moved(400_000);
  expect(throttle.leftMs()).toBe(150);
});

// Fails where the debt is kept in milliseconds at the rate of the time when it was made.
test("a limit that was raised or lifted holds for what is owed too", () => {
  const { throttle, rate } = setUp(1000);
  throttle.moved(262_144);
  rate.limit = 262_144;
  expect(throttle.leftMs()).toBe(1000);
  rate.limit = undefined;
  expect(throttle.leftMs()).toBe(0);
});
