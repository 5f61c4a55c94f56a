import { expect, test } from "vitest";
import { CodedError } from "../contract/index.ts";
import type { FakeLayer } from "../testing/fake-layer.ts";
import { BLOCK_BYTES } from "./blocks.ts";
import { deferred } from "./deferred.ts";
import { filled, watched } from "./testing/test-disk.ts";
import { testMove } from "./testing/test-move.ts";
import { settled } from "./testing/turns.ts";

const sizeBytes = 80 * BLOCK_BYTES;
const prepare = (source: FakeLayer) => void source.write(0, filled(70 * BLOCK_BYTES, 1));
const same = (a: FakeLayer, b: FakeLayer) => Buffer.compare(a.bytes, b.bytes) === 0;

test("I-M3, I-M6, M-7: held requests are answered by the target after a swap, and it has all that was flushed", async () => {
  const { move, source, target, disk, guest, running, ready, said } = testMove({ sizeBytes, prepare });
  await ready();
  await guest.write(0, filled(512, 2));
  await guest.flush();
  const { result, heldMs } = await move.requestSwitch();
  expect(said).toEqual(["ready", "stunned"]);
  expect([result.verification.equal, heldMs]).toEqual([true, 0]);
  const writing = watched(guest.write(0, filled(512, 3)));
  const read = new Uint8Array(512);
  const reading = watched(guest.read(512, read));
  await settled();
  expect([writing.state, reading.state]).toEqual(["pending", "pending"]);
  expect(same(source, target)).toBe(true);
  const asked = source.asked.length;
  move.decide("swap");
  await settled();
  expect([writing.state, reading.state]).toEqual(["done", "done"]);
  expect(disk.active).toBe(target);
  expect([source.bytes[0], target.bytes[0], read[0]]).toEqual([2, 3, 1]);
  expect(source.asked).toHaveLength(asked);
  expect((await running).attempts).toBe(1);
});

test("the pause is measured from the stun to the release, and the target is durable before `equal`", async () => {
  const { move, clock, target, running, ready } = testMove({ sizeBytes, prepare });
  await ready();
  const held = target.hold("flush-started");
  const asking = move.requestSwitch();
  await held.reached;
  clock.advance(4);
  held.release();
  expect((await asking).heldMs).toBe(4);
  clock.advance(8);
  expect(move.decide("swap")).toBe(12);
  expect(await running).toMatchObject({ pauseMs: 12, pausesMs: 12, attempts: 1 });
});

// Fails where `equal` doesn't disarm the timer.
test("once the target is equal the budget's end changes nothing: only the verdict does", async () => {
  const { move, clock, cancel, disk, guest, target, running, ready } = testMove({ sizeBytes, prepare });
  await ready();
  await move.requestSwitch();
  expect(clock.waiting).toBe(0);
  const writing = watched(guest.write(0, filled(512, 3)));
  clock.advance(1000);
  cancel.abort(new CodedError("cancelled", { what: "the job" }));
  await settled();
  expect([writing.state, disk.gate.stunned]).toEqual(["pending", true]);
  expect(move.decide("swap")).toBe(1000);
  await settled();
  expect([writing.state, disk.active]).toEqual(["done", target]);
  expect((await running).pauseMs).toBe(1000);
});

test("after a release the guest goes on at the source, and the next switch-over moves what it wrote", async () => {
  const { move, source, target, disk, guest, running, ready, said } = testMove({ sizeBytes, prepare });
  await ready();
  await move.requestSwitch();
  const writing = watched(guest.write(0, filled(512, 9)));
  move.decide("release");
  await settled();
  expect([writing.state, disk.active, source.bytes[0]]).toEqual(["done", source, 9]);
  await ready();
  expect(said).toEqual(["ready", "stunned", "ready"]);
  await move.requestSwitch();
  move.decide("swap");
  expect(await running).toMatchObject({ attempts: 2 });
  expect(target.bytes[0]).toBe(9);
});

test("a target that is kept has what the disk held in that moment, and nothing that the guest writes from then on", async () => {
  const { move, source, target, disk, guest, running, ready } = testMove({ sizeBytes, prepare });
  await ready();
  await guest.write(0, filled(512, 2));
  await move.requestSwitch();
  const writing = watched(guest.write(0, filled(512, 3)));
  move.decide("keep");
  expect(await running).toMatchObject({ attempts: 1, verification: { equal: true } });
  await settled();
  expect([writing.state, disk.active]).toEqual(["done", source]);
  await guest.write(BLOCK_BYTES, filled(512, 4));
  expect([source.bytes[0], source.bytes[BLOCK_BYTES]]).toEqual([3, 4]);
  expect([target.bytes[0], target.bytes[BLOCK_BYTES]]).toEqual([2, 1]);
});

// Fails where `switchOver` begins again while a copy of the attempt before is still under way.
test("a target that hangs in the stun: the guest goes on in time, the engine hears it at once, nothing stale lands", async () => {
  const { move, clock, source, target, disk, guest, running, ready } = testMove({ sizeBytes, prepare });
  await ready();
  await guest.write(0, filled(BLOCK_BYTES, 2));
  const held = target.hold("write-started", 0);
  const asking = watched(move.requestSwitch());
  await held.reached;
  const writing = watched(guest.write(0, filled(BLOCK_BYTES, 3)));
  const asked = target.asked.length;
  clock.advance(49);
  await settled();
  expect([writing.state, asking.state]).toEqual(["pending", "pending"]);
  clock.advance(1);
  await settled();
  expect(writing.state).toBe("done");
  expect(CodedError.is(asking.state, "pause-budget-exceeded")).toBe(true);
  await expect(move.requestSwitch()).rejects.toThrow("pause-budget-exceeded");
  clock.advance(1000);
  await settled();
  expect(target.asked).toHaveLength(asked);
  held.release();
  await ready();
  await move.requestSwitch();
  expect(same(source, target)).toBe(true);
  move.decide("swap");
  expect(await running).toMatchObject({ attempts: 2, pauseMs: 50, pausesMs: 50 });
  expect([disk.active, target.bytes[0]]).toEqual([target, 3]);
});

test("a guest's request that does not end in time ends the attempt, and nothing was copied in it", async () => {
  const { move, clock, source, target, guest, disk, ready } = testMove({ sizeBytes, prepare });
  await ready();
  const held = source.hold("write-started");
  const slow = watched(guest.write(0, filled(512, 2)));
  await held.reached;
  const asked = target.asked.length;
  const asking = watched(move.requestSwitch());
  await settled();
  clock.advance(50);
  await settled();
  expect(CodedError.is(asking.state, "pause-budget-exceeded")).toBe(true);
  expect([disk.gate.open, target.asked.length]).toEqual([true, asked]);
  held.release();
  await settled();
  expect(slow.state).toBe("done");
});

test("a budget that ran out unnoticed, in synchronous work, counts all the same", async () => {
  const { move, clock, source, guest, disk, ready } = testMove({ sizeBytes, prepare });
  await ready();
  await guest.write(0, filled(70 * BLOCK_BYTES, 2));
  source.fault = ({ operation }) => operation === "read" && clock.passUnnoticed(30);
  await expect(move.requestSwitch()).rejects.toThrow("pause-budget-exceeded");
  expect([disk.gate.open, disk.active]).toEqual([true, source]);
});

test("after `maxAttempts` the move is not converging, and says how long the guest was held", async () => {
  const { move, clock, target, disk, source, running, ready } = testMove({
    sizeBytes,
    prepare,
    budgets: { maxAttempts: 2 },
  });
  for (let attempt = 0; attempt < 2; attempt++) {
    await ready();
    const held = target.hold("flush-started");
    const asking = watched(move.requestSwitch());
    await held.reached;
    clock.advance(50);
    await settled();
    expect(CodedError.is(asking.state, "pause-budget-exceeded")).toBe(true);
    held.release();
  }
  await expect(running).rejects.toThrow("not-converging");
  expect([disk.gate.open, disk.active]).toEqual([true, source]);
  await expect(move.requestSwitch()).rejects.toThrow("not-converging");
});

test("budgets that change count at the next switch-over: more time, and more of them", async () => {
  const { move, adjust, clock, target, running, ready } = testMove({
    sizeBytes,
    prepare,
    budgets: { maxAttempts: 1 },
  });
  await ready();
  const held = target.hold("flush-started");
  const asking = watched(move.requestSwitch());
  await held.reached;
  adjust({ maxPauseMs: 200, maxAttempts: 2 });
  clock.advance(50);
  await settled();
  expect(CodedError.is(asking.state, "pause-budget-exceeded")).toBe(true);
  held.release();
  await ready();
  const longer = target.hold("flush-started");
  const again = move.requestSwitch();
  await longer.reached;
  clock.advance(150);
  longer.release();
  expect((await again).heldMs).toBe(150);
  move.decide("swap");
  expect(await running).toMatchObject({ attempts: 2, pauseMs: 150 });
});

test("a request comes to nothing at once while the disk is not ready, and when the rest no longer fits", async () => {
  const asked: unknown[] = [];
  const { move, running } = testMove({
    sizeBytes,
    run: async (move) => {
      await move.copy(move.all(), "bulk");
      move.announce(true);
      while (!move.switchRequested) await move.settle(10);
      move.announce(false);
      await settled();
      throw new CodedError("not-converging", { disk: "web", detail: "" });
    },
  });
  await move.requestSwitch().catch((error) => asked.push(error.code));
  await settled();
  await move.requestSwitch().catch((error) => asked.push(error.code));
  await expect(running).rejects.toThrow("not-converging");
  expect(asked).toEqual(["pause-budget-exceeded", "pause-budget-exceeded"]);
});

// Fails where a round goes on at its limit: the switch-over would run out of time, and hold the job's other disks for it.
test("a round that is under way when the switch-over is asked for is held back no longer", async () => {
  const { move, adjust, clock, guest, running, ready } = testMove({
    sizeBytes: 256 * BLOCK_BYTES,
    run: async (move) => {
      await move.copy(move.all(), "bulk");
      move.announce(true);
      while (move.dirtyBlocks < 256) await move.settle(10);
      await move.copy(move.harvest(), "dirty");
      await move.switchOver(async () => void (await move.copy(move.harvest(), "final")));
    },
  });
  await ready();
  adjust({ maxBytesPerSecond: 4096 });
  await guest.write(0, filled(256 * BLOCK_BYTES, 2));
  clock.advance(10);
  await settled();
  expect(move.progress()["phase"]).toBe("ready");
  const asking = watched(move.requestSwitch());
  await settled();
  expect(asking.state).toBe("pending");
  clock.advance(20);
  await settled();
  expect(asking.state).toBe("done");
  move.decide("swap");
  await running;
});

// Fails where the target counts as equal though nobody asks any more: then nobody would ever let the guest go.
test("a strategy that takes back that it is ready while the guest is held does not keep it held", async () => {
  const { move, guest, source, disk, ready } = testMove({
    sizeBytes,
    prepare,
    run: async (move) => {
      await move.copy(move.all(), "bulk");
      for (;;) {
        move.announce(true);
        if (!move.switchRequested) await move.settle(10);
        else await move.switchOver(async () => move.announce(false));
      }
    },
  });
  await ready();
  await expect(move.requestSwitch()).rejects.toThrow("pause-budget-exceeded");
  await settled();
  await guest.write(0, filled(512, 4));
  expect([disk.active, disk.gate.open, source.bytes[0]]).toEqual([source, true, 4]);
});

test("a disk that was in time whenever the job was not says so, once there were too many attempts", async () => {
  const { move, running, ready } = testMove({ sizeBytes, prepare, budgets: { maxAttempts: 2 } });
  for (let attempt = 0; attempt < 2; attempt++) {
    await ready();
    await move.requestSwitch();
    move.decide("release");
  }
  await expect(running).rejects.toMatchObject({
    code: "not-converging",
    data: {
      attempts: 2,
      detail: expect.stringContaining("in 2 of them this disk was in time and the job was not"),
    },
  });
});

// Fails where the last drain alone is expected: one request that hung for once would keep the disk from being ready.
test("a request that kept a switch-over waiting for once is not expected of the next", async () => {
  const { move, clock, source, guest, ready } = testMove({ sizeBytes, prepare });
  await ready();
  const held = source.hold("write-started");
  void guest.write(0, filled(512, 2));
  await held.reached;
  const asking = watched(move.requestSwitch());
  await settled();
  clock.advance(50);
  await settled();
  expect(CodedError.is(asking.state, "pause-budget-exceeded")).toBe(true);
  held.release();
  await ready();
  expect(move.progress()["predictedPauseMs"]).toBeLessThan(50);
});

test("a request that is taken back before the strategy comes to it is a release, and to switch over unasked is not", async () => {
  const seen: string[] = [];
  const [busy, free] = [deferred<void>(), deferred<void>()];
  const { move, running, disk, source, ready } = testMove({
    sizeBytes,
    prepare,
    run: async (move) => {
      await move.copy(move.all(), "bulk");
      move.announce(true);
      while (!move.switchRequested) await move.settle(10);
      busy.resolve();
      await free.promise;
      for (;;) seen.push(await move.switchOver(async () => undefined));
    },
  });
  await ready();
  const asking = watched(move.requestSwitch());
  await busy.promise;
  expect(move.decide("release")).toBe(0);
  free.resolve();
  await expect(running).rejects.toThrow("without being asked");
  expect(CodedError.is(asking.state, "pause-budget-exceeded")).toBe(true);
  expect([seen, disk.active, disk.gate.open]).toEqual([["released"], source, true]);
});

// Fails where it is answered as a release: the strategy would try again, or wait to be asked.
test("M-30: a cancel while the last block is copied in the hold ends the switch-over with its reason", async () => {
  const answers: unknown[] = [];
  const { move, cancel, guest, running, target, ready } = testMove({
    sizeBytes,
    prepare,
    run: async (move) => {
      await move.copy(move.all(), "bulk");
      move.announce(true);
      while (!move.switchRequested) await move.settle(10);
      await move
        .switchOver(async () => void (await move.copy(move.harvest(), "final")))
        .catch((error: unknown) => answers.push(error));
    },
  });
  await ready();
  await guest.write(0, filled(512, 2));
  const held = target.hold("write-started", 0);
  void move.requestSwitch().catch(() => undefined);
  await held.reached;
  cancel.abort(new CodedError("cancelled", { what: "the job" }));
  held.release();
  await expect(running).rejects.toThrow();
  expect(answers.map((error) => CodedError.is(error, "cancelled"))).toEqual([true]);
});

// Fails where only the strategy's end ends its copies: they would put what the source holds over what the guest has written since.
test("once the target counts as equal, and after the switch-over, nothing is copied to it any more", async () => {
  const refused: unknown[] = [];
  const { move, guest, running, target, ready } = testMove({
    sizeBytes,
    prepare,
    run: async (move) => {
      const copyAll = () => move.copy(move.all(), "dirty").catch((error: unknown) => refused.push(error));
      await move.copy(move.all(), "bulk");
      move.announce(true);
      while (!move.switchRequested) await move.settle(10);
      const switching = move.switchOver(async () => undefined);
      while (move.switchRequested) await settled();
      await copyAll();
      await switching;
      await copyAll();
    },
  });
  await ready();
  await move.requestSwitch();
  await settled();
  expect(refused).toHaveLength(1);
  move.decide("swap");
  await guest.write(0, filled(512, 9));
  await running;
  expect(refused.every((error) => CodedError.is(error, "internal"))).toBe(true);
  expect([refused.length, target.bytes[0]]).toEqual([2, 9]);
});

// Fails where a copy of a block that is equal already may still land when the guest has written there.
test("a last round that leaves a copy under way comes to nothing", async () => {
  const { move, guest, running, source, target, disk, ready } = testMove({
    sizeBytes,
    prepare,
    run: async (move) => {
      await move.copy(move.all(), "bulk");
      move.announce(true);
      while (!move.switchRequested) await move.settle(10);
      void move.copy(move.all(), "dirty");
      await move.switchOver(async () => undefined);
    },
  });
  await ready();
  const held = target.hold("write-started", 0);
  const asking = watched(move.requestSwitch());
  await held.reached;
  await settled();
  expect(CodedError.is(asking.state, "internal")).toBe(true);
  await guest.write(0, filled(512, 9));
  held.release();
  await expect(running).rejects.toThrow("left a copy under way");
  expect([disk.active, source.bytes[0]]).toEqual([source, 9]);
});
