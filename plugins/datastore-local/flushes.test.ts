import { expect, test } from "vitest";
import { Flushes } from "./flushes.ts";

/** A sync whose every run ends when the test says so. */
const held = () => {
  const runs: { end: () => void; fail: (cause: Error) => void }[] = [];
  const flushes = new Flushes(
    () => new Promise<void>((end, fail) => void runs.push({ end, fail })),
    (cause) => new Error("failed earlier", { cause }),
  );
  return { runs, flushes };
};
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

test("a flush asked for during a sync is answered by one that began later, shared by all who waited", async () => {
  const { runs, flushes } = held();
  const answered: string[] = [];
  const flush = (name: string) => void flushes.flush().then(() => answered.push(name));
  flush("first");
  flush("second");
  flush("third");
  expect(runs).toHaveLength(1);
  runs[0]?.end();
  await settled();
  expect(answered).toEqual(["first"]);
  expect(runs).toHaveLength(2);
  flush("fourth");
  runs[1]?.end();
  await settled();
  expect(answered).toEqual(["first", "second", "third"]);
  expect(runs).toHaveLength(3);
  runs[2]?.end();
  await flushes.idle();
  expect(answered).toEqual(["first", "second", "third", "fourth"]);
});

test("at no moment do two syncs run", async () => {
  const { runs, flushes } = held();
  const all = [flushes.flush(), flushes.flush()];
  runs[0]?.end();
  for (let turn = 0; turn < 10; turn++) {
    all.push(flushes.flush());
    await Promise.resolve();
    expect(runs.length).toBeLessThanOrEqual(2);
  }
  runs[1]?.end();
  await settled();
  runs[2]?.end();
  await Promise.all(all);
});

test("after a failed sync every flush fails and nothing is synced again", async () => {
  const { runs, flushes } = held();
  const first = flushes.flush();
  const waiting = flushes.flush();
  runs[0]?.fail(new Error("EIO"));
  await expect(first).rejects.toThrow("EIO");
  await expect(waiting).rejects.toThrow("failed earlier");
  await expect(flushes.flush()).rejects.toThrow("failed earlier");
  expect(runs).toHaveLength(1);
});
