import { expect, test } from "vitest";
import { CodedError } from "../contract/index.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import { FakeLayer } from "../testing/fake-layer.ts";
import { BLOCK_BYTES } from "./blocks.ts";
import { filled, livingPeer, testDisk, watched } from "./testing/test-disk.ts";
import { settled } from "./testing/turns.ts";
import { Tracker } from "./tracker.ts";

const setUp = () => {
  const layer = new FakeLayer("source", 16 * BLOCK_BYTES);
  return { layer, clock: new FakeClock(), ...testDisk(layer, new FakeClock()) };
};
const mortal = () => {
  let there = true;
  const die = () => {
    there = false;
  };
  return { alive: () => there, die };
};

test("what completes at once answers nothing, and reads back", () => {
  const { guest } = setUp();
  expect(guest.write(512, filled(1024, 7))).toBeUndefined();
  const into = new Uint8Array(2048);
  expect(guest.read(0, into)).toBeUndefined();
  expect([into[511], into[512], into[1535], into[1536]]).toEqual([0, 7, 7, 0]);
  expect(guest.zero(512, 512)).toBeUndefined();
});

test.each([
  [-512, 512],
  [0, 0],
  [0, 513],
  [100, 512],
  [16 * BLOCK_BYTES, 512],
  [15 * BLOCK_BYTES, 2 * BLOCK_BYTES],
  [2 ** 60, 512],
])("a request at %i of %i bytes is out of range", (offset, length) => {
  const { guest, layer } = setUp();
  const bytes = new Uint8Array(length);
  expect(() => guest.read(offset, bytes)).toThrow("out-of-range");
  expect(() => guest.write(offset, bytes)).toThrow("out-of-range");
  expect(() => guest.zero(offset, length)).toThrow("out-of-range");
  expect(() => guest.extents(offset, length)).toThrow("out-of-range");
  expect(layer.asked).toEqual([]);
});

// Fails where `connect` doesn't close dead connections, and where `close` doesn't hold the gate.
test("a client that reconnects and repeats its write: the old copy never lands on the newer one", async () => {
  const { disk, layer } = setUp();
  const peer = mortal();
  const before = disk.connect(peer);
  const held = layer.hold("write-started", 0);
  const old = watched(before.write(0, filled(512, 1)));
  await held.reached;
  peer.die();
  const after = disk.connect(livingPeer);
  const repeated = watched(after.write(0, filled(512, 1)));
  const newer = watched(after.write(0, filled(512, 2)));
  const read = new Uint8Array(512);
  const reading = watched(after.read(0, read));
  await settled();
  expect(layer.asked).toHaveLength(1);
  held.release();
  await settled();
  expect([old.state, repeated.state, newer.state, reading.state]).toEqual(["done", "done", "done", "done"]);
  expect(read[0]).toBe(2);
  expect(layer.bytes[0]).toBe(2);
  expect(disk.connections).toBe(2);
});

test("closing waits for what has started, and keeps the others waiting no longer than that", async () => {
  const { guest, disk, layer } = setUp();
  const other = disk.connect(livingPeer);
  const held = layer.hold("write-reached");
  void guest.write(0, filled(512, 1));
  await held.reached;
  const closing = watched(guest.close());
  const waits = watched(other.write(0, filled(512, 2)));
  await settled();
  expect([closing.state, waits.state]).toEqual(["pending", "pending"]);
  held.release();
  await settled();
  expect([closing.state, waits.state]).toEqual(["done", "done"]);
  expect(layer.bytes[0]).toBe(2);
});

test("a stun during a leaving connection lets nothing through until both have ended", async () => {
  const { guest, disk, layer } = setUp();
  const other = disk.connect(livingPeer);
  const held = layer.hold("write-reached");
  void guest.write(0, filled(512, 1));
  await held.reached;
  void guest.close();
  const stunned = watched(disk.gate.stun());
  const waits = watched(other.write(0, filled(512, 2)));
  held.release();
  await settled();
  expect([stunned.state, waits.state]).toEqual(["done", "pending"]);
  disk.gate.resume();
  await settled();
  expect(waits.state).toBe("done");
});

test("what a peer had waiting when it died never starts and is answered `peer-lost`", async () => {
  const { disk, layer } = setUp();
  const peer = mortal();
  const guest = disk.connect(peer);
  void disk.gate.stun();
  const answers = [guest.write(0, filled(512, 1)), guest.read(0, new Uint8Array(512)), guest.flush()].map(
    watched,
  );
  peer.die();
  disk.gate.resume();
  await settled();
  for (const { state } of answers) expect(CodedError.is(state, "peer-lost")).toBe(true);
  expect(layer.asked).toEqual([]);
});

test("after `close` nothing starts any more", async () => {
  const { guest, layer } = setUp();
  await guest.close();
  await expect(guest.write(0, filled(512, 1))).rejects.toThrow("peer-lost");
  await expect(guest.flush()).rejects.toThrow("peer-lost");
  expect(layer.asked).toEqual([]);
});

test("a layer has a write's bytes to itself until it has answered, also when the client is gone", async () => {
  const { guest, layer } = setUp();
  const held = layer.hold("write-started");
  const bytes = filled(512, 9);
  const writing = watched(guest.write(0, bytes));
  await held.reached;
  const closing = watched(guest.close());
  await settled();
  expect([writing.state, closing.state]).toEqual(["pending", "pending"]);
  held.release();
  await settled();
  bytes.fill(0);
  expect([writing.state, closing.state, layer.bytes[0]]).toEqual(["done", "done", 9]);
});

test("a failed flush is the client's to know, and is counted as none", async () => {
  const { guest, disk, layer } = setUp();
  layer.fault = ({ operation }) => {
    if (operation === "flush") throw new CodedError("layer-failed", { ...layer.ref, reason: "EIO" });
  };
  await expect(guest.flush()).rejects.toThrow("layer-failed");
  await expect(guest.flush()).rejects.toThrow("layer-failed");
  expect(disk.answered.flushes).toBe(0);
  layer.fault = () => undefined;
  await guest.flush();
  expect(disk.answered.flushes).toBe(1);
});

test("a failed request leaves nothing under way", async () => {
  const { guest, disk, layer } = setUp();
  layer.fault = () => {
    throw new CodedError("no-space", { datastore: "test", availableBytes: 0, neededBytes: 512 });
  };
  expect(() => guest.write(0, filled(512, 1))).toThrow("no-space");
  layer.pause = () => Promise.resolve();
  await expect(guest.write(0, filled(512, 1))).rejects.toThrow("no-space");
  await disk.gate.stun();
  expect(disk.answered.writes).toBe(0);
});

test("extents asked for before a switch-over are answered by the layer that is active", async () => {
  const { guest, disk, layer } = setUp();
  const target = new FakeLayer("target", layer.sizeBytes);
  void layer.write(0, filled(1024, 1));
  void target.write(0, filled(1024, 1));
  const asked: string[] = [];
  const asking = guest.extents(0, 2048);
  const held = layer.hold("extents-returned");
  const listing = (async () => {
    for await (const { offset, length, kind } of asking) asked.push(`${offset}+${length} ${kind}`);
  })();
  await held.reached;
  disk.swap(target);
  void target.zero(512, 512);
  held.release();
  await listing;
  expect(asked).toEqual(["0+512 data", "512+512 zero", "1024+512 zero", "1536+512 zero"]);
});

test("a layer that is swapped out and closed while it looks for extents fails nobody's question", async () => {
  const { guest, disk, layer } = setUp();
  const target = new FakeLayer("target", layer.sizeBytes);
  layer.extents = async function* () {
    yield { offset: 0, length: 512, kind: "data" };
    disk.swap(target);
    throw new CodedError("layer-closed", { ...layer.ref });
  };
  const asked: string[] = [];
  for await (const { offset, kind } of guest.extents(0, 1024)) asked.push(`${offset} ${kind}`);
  expect(asked).toEqual(["0 data", "512 zero"]);
  target.extents = () => {
    throw new CodedError("layer-closed", { ...target.ref });
  };
  await expect(guest.extents(0, 512)[Symbol.asyncIterator]().next()).rejects.toThrow("layer-closed");
});

test("extents asked for and begun only after a switch-over don't touch the former layer", async () => {
  const { guest, disk, layer } = setUp();
  const asking = guest.extents(0, 512);
  disk.swap(new FakeLayer("target", layer.sizeBytes));
  layer.extents = () => {
    throw new CodedError("layer-closed", { ...layer.ref });
  };
  for await (const extent of asking) expect(extent.kind).toBe("zero");
});

test.each(["untracked", "tracked"])("%s requests that complete at once allocate nothing", (kind) => {
  const { guest, disk, layer } = setUp();
  layer.write = () => undefined;
  layer.read = () => undefined;
  layer.zero = () => undefined;
  if (kind === "tracked") disk.track(new Tracker(layer.sizeBytes));
  const bytes = filled(512, 1);
  const bytesPerRequest = () => {
    const before = process.memoryUsage().heapUsed;
    for (let n = 0; n < 20_000; n++) {
      void guest.write(0, bytes);
      void guest.read(0, bytes);
      void guest.zero(0, 512);
    }
    return (process.memoryUsage().heapUsed - before) / 60_000;
  };
  // The first ones run before the code is compiled; a garbage collection can make any one tell too little.
  const rounds = Array.from({ length: 12 }, bytesPerRequest).slice(3);
  expect(rounds.sort((a, b) => a - b)[Math.floor(rounds.length / 2)]).toBeLessThan(4);
});

test("zeroes that must be fast are refused where the layer that would take them has no fast ones", async () => {
  const { guest, layer, disk } = setUp();
  guest.write(0, filled(1024, 7));
  layer.fastZero = false;
  expect(() => guest.zero(0, 512, { fast: true })).toThrow("zero-not-fast");
  expect(layer.bytes[0]).toBe(7);
  expect(guest.zero(512, 512)).toBeUndefined();
  // Held by a stun, it is the layer at its end that counts.
  await disk.gate.stun();
  const held = guest.zero(0, 512, { fast: true });
  layer.fastZero = true;
  disk.gate.resume();
  await held;
  expect(layer.bytes[0]).toBe(0);
});
