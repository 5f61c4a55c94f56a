import { expect, test } from "vitest";
import { defineFunction, z } from "../../contract/index.ts";
import { createEventHub } from "../events/index.ts";
import { createTriggers } from "./triggers.ts";

const common = {
  kind: "call",
  effect: "write",
  summary: "",
  input: z.object({ event: z.unknown() }),
  output: z.null(),
  run: () => null,
} as const;
const functions = [
  defineFunction({ ...common, name: "shells.count", on: ["shell.made"] }),
  defineFunction({ ...common, name: "shells.dust", everyMs: 50 }),
].map((declared) => ({ function: declared, plugin: "shelf" }));

/** Triggers whose clock ticks when the test says so; `calls` hands out the calls as they come. */
const set = (fail = false) => {
  const hub = createEventHub({ boot: 1, clock: { now: () => 0 } });
  const ticks: (() => void)[] = [];
  const warnings: unknown[] = [];
  const calls: [string, unknown][] = [];
  let called = () => {};
  const log = { debug() {}, info() {}, error() {}, warn: (...line: unknown[]) => void warnings.push(line) };
  const triggers = createTriggers({
    functions,
    events: hub,
    log,
    clock: {
      sleep: (ms, signal) =>
        new Promise((resolve, reject) => {
          expect(ms).toBe(50);
          ticks.push(resolve);
          signal?.addEventListener("abort", () => reject(signal.reason));
        }),
    },
    async invoke(name, input) {
      calls.push([name, input]);
      called();
      if (fail) throw new TypeError("no");
    },
  });
  const count = async (wanted: number) => {
    while (calls.length < wanted) {
      await new Promise<void>((resolve) => {
        called = resolve;
      });
    }
    return calls;
  };
  return { hub, ticks, triggers, warnings, calls, count };
};

test("a function is called with each event that it waits for, and no other", async () => {
  const { hub, triggers, count, calls } = set();
  hub.publish({ type: "shell.made", disk: "before" });
  triggers.start();
  hub.publish({ type: "shell.made", disk: "a" });
  hub.publish({ type: "shell.broken", disk: "a" });
  hub.publish({ type: "shell.made", disk: "b" });
  await count(2);
  await triggers.stop();
  expect(calls).toMatchObject([
    ["shells.count", { event: { type: "shell.made", disk: "a" } }],
    ["shells.count", { event: { type: "shell.made", disk: "b" } }],
  ]);
});

test("a function is called once per interval, until the end, whatever becomes of its calls", async () => {
  const { ticks, triggers, warnings, count, calls } = set(true);
  triggers.start();
  ticks.shift()?.();
  await count(1);
  await new Promise(setImmediate);
  ticks.shift()?.();
  await count(2);
  await new Promise(setImmediate);
  await triggers.stop();
  expect(calls).toEqual([
    ["shells.dust", {}],
    ["shells.dust", {}],
  ]);
  expect(warnings).toHaveLength(2);
});
