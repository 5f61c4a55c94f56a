import { expect, test } from "vitest";
import { deferred } from "./deferred.ts";
import { watched } from "./testing/test-disk.ts";
import { settled } from "./testing/turns.ts";
import { UnderWay } from "./under-way.ts";

test("one of each kind at a time; the end waits for all of them, and nothing begins after it", async () => {
  const underWay = new UnderWay();
  const [copied, flushed] = [deferred<void>(), deferred<void>()];
  const copying = watched(underWay.once("copy", () => copied.promise));
  const flushing = watched(underWay.once("flush", () => flushed.promise));
  await expect(underWay.once("copy", async () => undefined)).rejects.toThrow("a second copy");
  const ending = watched(underWay.end());
  flushed.reject(new Error("failed"));
  await settled();
  expect([copying.state, ending.state]).toEqual(["pending", "pending"]);
  expect(flushing.state).toMatchObject({ message: "failed" });
  await expect(underWay.once("flush", async () => undefined)).rejects.toThrow("after it had ended");
  copied.resolve();
  await settled();
  expect([copying.state, ending.state]).toEqual(["done", "done"]);
});

test("after one has ended another of its kind may begin", async () => {
  const underWay = new UnderWay();
  expect(await underWay.once("copy", async () => 1)).toBe(1);
  expect(await underWay.once("copy", async () => 2)).toBe(2);
});
