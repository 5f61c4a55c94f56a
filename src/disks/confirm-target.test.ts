import { expect, test } from "vitest";
import { FakeClock } from "../testing/fake-clock.ts";
import { FakeLayer } from "../testing/fake-layer.ts";
import { confirmTarget } from "./confirm-target.ts";
import { filled, testDisk, watched } from "./testing/test-disk.ts";
import { settled } from "./testing/turns.ts";

const setUp = async () => {
  const clock = new FakeClock();
  const layer = new FakeLayer("target", 8192);
  void layer.write(0, filled(8192, 5));
  const { disk, guest } = testDisk(layer, clock);
  layer.asked.length = 0;
  const confirming = confirmTarget(disk, clock, 50);
  return { clock, layer, disk, guest, confirming };
};

test("a guest that writes and flushes confirms the target by itself", async () => {
  const { clock, layer, guest, confirming } = await setUp();
  await guest.write(0, filled(512, 6));
  await guest.flush();
  clock.advance(100);
  expect(await confirming).toBe(0);
  expect(layer.asked.map(({ operation }) => operation)).toEqual(["write", "flush"]);
});

test("M-11: without a guest's requests the target is made to answer a write and a flush, and holds what it held", async () => {
  const { clock, layer, disk, confirming } = await setUp();
  clock.advance(100);
  await confirming;
  expect(layer.asked.map(({ operation }) => operation)).toEqual(["read", "write", "flush"]);
  expect(layer.bytes.every((byte) => byte === 5)).toBe(true);
  expect(disk.gate.open).toBe(true);
});

// Fails where the guest is let go between the read of the old bytes and the end of their writing.
test.each(["read-returned", "write-started"] as const)(
  "bytes that are written back never land on what the guest wrote meanwhile, when the target is slow at %s",
  async (point) => {
    const { clock, layer, guest, confirming } = await setUp();
    const ended = watched(confirming);
    const held = layer.hold(point, 0);
    clock.advance(100);
    await held.reached;
    const writing = watched(guest.write(0, filled(512, 6)));
    clock.advance(50);
    await settled();
    expect(writing.state).toBe(point === "read-returned" ? "done" : "pending");
    held.release();
    await settled();
    expect([writing.state, layer.bytes[0]]).toEqual(["done", 6]);
    expect(ended.state).not.toBe("pending");
  },
);
