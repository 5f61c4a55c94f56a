import { expect, test } from "vitest";
import { FakeClock } from "../testing/fake-clock.ts";
import { type Deferred, deferred } from "./deferred.ts";
import { FlushCost } from "./flush-cost.ts";
import { TargetFlushes } from "./target-flushes.ts";
import { watched } from "./testing/test-disk.ts";
import { settled } from "./testing/turns.ts";

const MIB = 1024 ** 2;

const setUp = () => {
  const clock = new FakeClock();
  const cost = new FlushCost();
  const begun: Deferred<void>[] = [];
  const flush = () => {
    const flushing = deferred<void>();
    begun.push(flushing);
    return flushing.promise;
  };
  return { clock, cost, begun, flushes: new TargetFlushes({ clock, flush, cost }) };
};

test("much that was copied is flushed beside the copying, one flush at a time", async () => {
  const { begun, flushes } = setUp();
  flushes.wrote(MIB);
  flushes.spill();
  begun[0]?.resolve();
  await settled();
  flushes.wrote(63 * MIB);
  flushes.spill();
  expect(begun).toHaveLength(1);
  flushes.wrote(MIB);
  flushes.spill();
  flushes.wrote(100 * MIB);
  flushes.spill();
  expect(begun).toHaveLength(2);
  begun[1]?.resolve();
  await settled();
  flushes.spill();
  expect(begun).toHaveLength(3);
});

// Fails where a flush that was begun before the last write is taken for one that covers it.
test("a flush that is asked for covers what was written while another one was under way", async () => {
  const { begun, flushes } = setUp();
  flushes.wrote(64 * MIB);
  flushes.spill();
  flushes.wrote(1);
  const asked = watched(flushes.flush());
  begun[0]?.resolve();
  await settled();
  expect([asked.state, begun.length]).toEqual(["pending", 2]);
  begun[1]?.resolve();
  await settled();
  expect(asked.state).toBe("done");
});

// Fails where all who waited for a flush begin their own at once: the first to end would hide that others are under way.
test("flushes that waited for one another come one at a time, and all are waited for in the end", async () => {
  const { begun, flushes } = setUp();
  const asked = [watched(flushes.flush()), watched(flushes.flush()), watched(flushes.flush())];
  const idle = watched(flushes.idle());
  for (let flush = 0; flush < 3; flush++) {
    await settled();
    expect([begun.length, idle.state]).toEqual([flush + 1, "pending"]);
    begun[flush]?.resolve();
  }
  await settled();
  expect(asked.map(({ state }) => state)).toEqual(["done", "done", "done"]);
});

test("a failure beside the copying ends it, and whoever asks for a flush hears of it", async () => {
  const { begun, flushes } = setUp();
  flushes.wrote(64 * MIB);
  flushes.spill();
  const asked = watched(flushes.flush());
  begun[0]?.reject(new Error("worn out"));
  await settled();
  expect(String(asked.state)).toContain("worn out");
  expect(() => flushes.spill()).toThrow("worn out");
  await flushes.idle();
});

test("what flushes took is learnt, with what they had to do", async () => {
  const { clock, cost, begun, flushes } = setUp();
  for (const mib of [100, 1]) {
    flushes.wrote(mib * MIB);
    const flushing = flushes.flush();
    await settled();
    clock.advance(10 + mib);
    begun.at(-1)?.resolve();
    await flushing;
  }
  expect(cost.baseMs).toBeCloseTo(10);
  expect(cost.msPerByte * MIB).toBeCloseTo(1);
});

// Fails where only flushes of much are seen before the guest is held for one of little.
test("what a flush of little takes is learnt while much is copied", async () => {
  const { clock, cost, begun, flushes } = setUp();
  const end = async (ms: number) => {
    clock.advance(ms);
    begun.at(-1)?.resolve();
    await settled();
  };
  flushes.wrote(MIB);
  flushes.spill();
  await end(25);
  flushes.wrote(64 * MIB);
  flushes.spill();
  await end(650);
  cost.fade();
  flushes.wrote(40 * MIB);
  const flushing = flushes.flush();
  await settled();
  await end(420);
  await flushing;
  expect(cost.baseMs).toBeGreaterThan(10);
  expect(cost.msPerByte * MIB).toBeCloseTo(10, 0);
});

// Fails where flushes that have nothing to do are taken for those that have: nothing is expected of a store far away then.
test("a flush of nothing says nothing of one that has something to do", async () => {
  const { clock, cost, begun, flushes } = setUp();
  const flush = async (ms: number) => {
    const flushing = flushes.flush();
    await settled();
    clock.advance(ms);
    begun.at(-1)?.resolve();
    await flushing;
  };
  flushes.wrote(4096);
  await flush(30);
  for (let time = 0; time < 10; time++) await flush(0.1);
  expect(cost.baseMs).toBeCloseTo(30);
  flushes.wrote(0);
  await flush(10);
  expect(cost.baseMs).toBeLessThan(29);
});
