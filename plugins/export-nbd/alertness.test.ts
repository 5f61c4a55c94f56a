import { expect, test } from "vitest";
import { Alertness } from "./alertness.ts";

/** A thread whose turns take 10 µs each. */
const thread = () => {
  let now = 0;
  let next: (() => void) | undefined;
  const alertness = new Alertness({
    nowMs: () => now,
    nextTurn: (run) => {
      next = run;
    },
  });
  const turn = () => {
    now += 0.01;
    const run = next;
    next = undefined;
    run?.();
  };
  return { alertness, turn, awake: () => next !== undefined };
};

const ask = ({ alertness, turn }: ReturnType<typeof thread>, turnsBetween: number): void => {
  alertness.answered();
  for (let turns = 0; turns < turnsBetween; turns++) turn();
};

test("a thread stays awake between requests that follow each other, and sleeps after the last", () => {
  const one = thread();
  for (let requests = 0; requests < 1000; requests++) {
    ask(one, 3);
    expect(one.awake()).toBe(true);
  }
  ask(one, 10);
  expect(one.awake()).toBe(false);
});

test("where the next request never comes in time it soon stops trying, but for now and then", () => {
  const one = thread();
  let tried = 0;
  for (let requests = 0; requests < 640; requests++) {
    one.alertness.answered();
    if (one.awake()) tried++;
    for (let turns = 0; turns < 10; turns++) one.turn();
  }
  expect(tried).toBeGreaterThan(8);
  expect(tried).toBeLessThan(20);
});

test("it is worth it again once requests come in time again", () => {
  const one = thread();
  for (let requests = 0; requests < 100; requests++) ask(one, 10);
  for (let requests = 0; requests < 64; requests++) ask(one, 3);
  ask(one, 3);
  expect(one.awake()).toBe(true);
});
