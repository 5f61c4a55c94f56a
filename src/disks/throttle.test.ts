import { expect, test } from "vitest";
import { FakeClock } from "./testing/fake-clock.ts";
import { watched } from "./testing/test-disk.ts";
import { settled } from "./testing/turns.ts";
import { Throttle } from "./throttle.ts";

const never = new AbortController().signal;

const setUp = (limit: number | undefined) => {
  const clock = new FakeClock();
  const rate = { limit };
  const throttle = new Throttle(clock, () => rate.limit);
  const msUntilFree = async () => {
    const waiting = watched(throttle.wait(never));
    let ms = 0;
    await settled();
    for (; waiting.state === "pending" && ms < 1000; ms++) {
      clock.advance(1);
      await settled();
    }
    return ms;
  };
  return { clock, rate, throttle, msUntilFree };
};

test("without a limit nobody waits, and nothing is owed when one is set later", async () => {
  const { throttle, rate, msUntilFree } = setUp(undefined);
  throttle.pay(1e12);
  expect(await msUntilFree()).toBe(0);
  rate.limit = 1000;
  expect(await msUntilFree()).toBe(0);
});

test("bytes are paid for at the rate", async () => {
  const { throttle, msUntilFree } = setUp(1_000_000);
  throttle.pay(100_000);
  expect(await msUntilFree()).toBe(100);
  throttle.pay(50_000);
  throttle.pay(50_000);
  expect(await msUntilFree()).toBe(100);
});

test("an idle time may be made up for, but only a short one", async () => {
  const { clock, throttle, msUntilFree } = setUp(1_000_000);
  clock.advance(60_000);
  throttle.pay(400_000);
  expect(await msUntilFree()).toBe(150);
});

// Fails where the debt is kept in milliseconds at the rate of the time when it was made.
test.each([1_000_000_000, undefined])(
  "a limit raised to %s takes effect within 250 ms, also for what is owed",
  async (limit) => {
    const { throttle, rate, msUntilFree } = setUp(1000);
    throttle.pay(262_144);
    rate.limit = limit;
    expect(await msUntilFree()).toBeLessThanOrEqual(250);
  },
);

test("a wait ends with its signal", async () => {
  const { throttle } = setUp(1);
  throttle.pay(1000);
  const abort = new AbortController();
  const waiting = throttle.wait(abort.signal);
  abort.abort(new Error("enough"));
  await expect(waiting).rejects.toThrow("enough");
});
