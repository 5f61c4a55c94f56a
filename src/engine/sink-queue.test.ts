import { expect, test } from "vitest";
import type { Clock, ErrorSink, Report } from "../contract/index.ts";
import { MAX_WAITING, SinkQueue } from "./sink-queue.ts";

const report = (id: string): Report => ({
  ...{ id, at: 0, task: "disks.create", disks: [], sentence: "It failed.", rootCode: "no-space" },
  chain: { code: "no-space", data: {}, at: 0, causes: [] },
});

/** A queue before a sink, with what was lost of it and what its clock was asked for. */
function rig(deliver: ErrorSink["deliver"]) {
  const timers = new Set<() => void>();
  const after = (_ms: number, then: () => void) => {
    timers.add(then);
    return () => void timers.delete(then);
  };
  const clock: Clock = { now: () => 0, monotonicMs: () => 0, sleep: async () => {}, after };
  const lost: unknown[] = [];
  const quiet = () => undefined;
  const queue = new SinkQueue(
    { id: "sink", deliver },
    {
      clock,
      log: { debug: quiet, info: quiet, error: quiet, warn: (_text, data) => lost.push(data?.["report"]) },
      lost: () => counted.push(1),
    },
  );
  const counted: number[] = [];
  return { queue, lost, counted, timePasses: () => [...timers].forEach((then) => void then()) };
}

test("reports are handed over one at a time, in order, and a stop waits for all", async () => {
  const began: string[] = [];
  const arrived: string[] = [];
  const { queue } = rig(async ({ id }) => {
    expect(arrived).toEqual(began);
    began.push(id);
    await new Promise(setImmediate);
    arrived.push(id);
  });
  for (const id of ["a", "b", "c"]) queue.take(report(id));
  await queue.stop();
  expect(arrived).toEqual(["a", "b", "c"]);
});

test.each([
  [
    "throws",
    () => {
      throw new Error("broken");
    },
  ],
  ["rejects", () => Promise.reject(new Error("broken"))],
])("a sink that %s loses that report, which is counted and told", async (_how, fail) => {
  const arrived: string[] = [];
  const { queue, lost, counted } = rig(({ id }) => (id === "b" ? fail() : void arrived.push(id)));
  for (const id of ["a", "b", "c"]) queue.take(report(id));
  await queue.stop();
  expect(arrived).toEqual(["a", "c"]);
  expect(lost).toEqual(["b"]);
  expect(counted).toHaveLength(1);
});

test("a delivery that takes too long is told so and lost, and the next one is handed over", async () => {
  const signals: AbortSignal[] = [];
  const { queue, lost, timePasses } = rig(({ id }, { signal }) => {
    signals.push(signal);
    return id === "a" ? new Promise(() => {}) : undefined;
  });
  queue.take(report("a"));
  queue.take(report("b"));
  timePasses();
  await queue.stop();
  expect(lost).toEqual(["a"]);
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
});

test("what waits for a stuck sink is bounded, and a stop gives it up", async () => {
  const { queue, lost, counted, timePasses } = rig(() => new Promise(() => {}));
  queue.take(report("stuck"));
  for (let index = 0; index < MAX_WAITING; index++) queue.take(report(`r${index}`));
  queue.take(report("one more"));
  expect(lost).toEqual(["one more"]);
  const stopped = queue.stop();
  timePasses();
  await stopped;
  expect(counted).toHaveLength(MAX_WAITING + 2);
});
