import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { FakeClock } from "../../testing/index.ts";
import { RepeatedTry } from "./repeated-try.ts";

const begin = (attempt: () => Promise<boolean>) => {
  const clock = new FakeClock();
  let tries = 0;
  const counted = () => {
    tries++;
    return attempt();
  };
  const repeated = new RepeatedTry({ attempt: counted, clock });
  return {
    repeated,
    clock,
    triesAfter: async (ms: number) => {
      clock.advance(ms);
      await turn();
      return tries;
    },
  };
};

test("it is tried after waits that grow up to a minute, until nothing is left", async () => {
  let left = true;
  const { repeated, clock, triesAfter } = begin(async () => !left);
  repeated.later();
  expect(await triesAfter(0)).toBe(0);
  expect(await triesAfter(1_000)).toBe(1);
  expect(await triesAfter(1_000)).toBe(1);
  expect(await triesAfter(1_000)).toBe(2);
  for (let each = 0; each < 10; each++) await triesAfter(60_000);
  expect(await triesAfter(59_999)).toBe(12);
  left = false;
  expect(await triesAfter(1)).toBe(13);
  expect(clock.waiting).toBe(0);
});

test("what may succeed now is tried at once, and soon again; nothing is where nothing waits", async () => {
  const { repeated, triesAfter } = begin(async () => false);
  repeated.sooner();
  expect(await triesAfter(0)).toBe(0);
  await repeated.now();
  for (let each = 0; each < 5; each++) await triesAfter(60_000);
  repeated.sooner();
  expect(await triesAfter(0)).toBe(7);
  expect(await triesAfter(1_000)).toBe(8);
});

test("a try that rejects is repeated, and what is asked for while one runs is tried after it", async () => {
  const outcomes = [Promise.reject(new Error("away")), Promise.resolve(true), Promise.resolve(true)];
  outcomes[0]?.catch(() => undefined);
  const { repeated, clock, triesAfter } = begin(() => {
    repeated.later();
    return outcomes.shift() ?? Promise.resolve(true);
  });
  repeated.later();
  expect(await triesAfter(1_000)).toBe(1);
  expect(await triesAfter(2_000)).toBe(2);
  expect(clock.waiting).toBe(1);
});

test("once it is stopped nothing is tried any more", async () => {
  const { repeated, clock, triesAfter } = begin(async () => false);
  repeated.later();
  await repeated.stop();
  repeated.later();
  repeated.sooner();
  expect(await triesAfter(60_000)).toBe(0);
  expect(clock.waiting).toBe(0);
});
