import { setImmediate } from "node:timers/promises";
import type { RescueCall } from "pagurus";
import { expect, test } from "vitest";
import { BLOCK_BYTES } from "./cell.ts";
import { numberOf } from "./layout.ts";
import { contentOf, datastoreOver, LAYER, newLayer, stamp } from "./testing/log-under-test.ts";
import { MemoryObjects } from "./testing/memory-objects.ts";
import { SlowBucket } from "./testing/slow-bucket.ts";
import { usualUpkeep } from "./upkeep.ts";

const BLOCKS = 8;
const SIZE = BLOCKS * BLOCK_BYTES;
const call: RescueCall = { signal: new AbortController().signal, progress: () => undefined };

/** The same bucket as others see it, who share nothing else with whoever uses this one: its writer may be dead. */
const elsewhere = ({ objects }: MemoryObjects): MemoryObjects =>
  Object.assign(new MemoryObjects(objects), { location: (key: string) => `elsewhere:${key}` });

const logObjects = ({ objects }: MemoryObjects): string[] =>
  [...objects.keys()].filter((key) => key.startsWith("logs/")).sort();

/** A disk open for writing, with nothing in it; each `write` is a log object, and answers what the disk holds then. */
const openDisk = async (upkeep = usualUpkeep) => {
  const objects = new MemoryObjects();
  const datastore = datastoreOver(objects, {}, upkeep);
  const layer = await newLayer(datastore, SIZE);
  const content = Buffer.alloc(SIZE);
  let fill = 0;
  const write = async (): Promise<Buffer> => {
    const offset = (fill % BLOCKS) * BLOCK_BYTES;
    content.fill(++fill, offset, offset + BLOCK_BYTES);
    await layer.write(offset, content.subarray(offset, offset + BLOCK_BYTES));
    await layer.flush();
    return Buffer.from(content);
  };
  return { objects, datastore, layer, write };
};

const without = (objects: MemoryObjects, keys: readonly string[]): MemoryObjects => {
  const left = elsewhere(objects);
  for (const key of keys) left.objects.delete(key);
  return left;
};

/** Every way to the disk refuses it, names the first object that is missing, and goes on once that is cut off. */
const isToldAndRepaired = async (objects: MemoryObjects, missing: string, content: Buffer) => {
  const datastore = datastoreOver(objects, {}, usualUpkeep);
  const { rescue } = datastore;
  const told = { code: "object-damaged", data: { object: objects.location(missing) } };
  const before = new Map(objects.objects);
  for (const readOnly of [false, true])
    await expect(datastore.open(LAYER, { sizeBytes: SIZE, readOnly })).rejects.toMatchObject(told);
  const cutAt = numberOf(missing) ?? 0;
  const { layers } = await rescue.examine({ verify: false }, call);
  expect(layers).toMatchObject([{ state: "damaged", cutAt, damage: [{ object: told.data.object }] }]);
  const remains = await rescue.openRemains(LAYER, { signal: call.signal });
  expect((await contentOf(remains)).equals(content)).toBe(true);
  await remains.close();
  expect(await rescue.cut(LAYER, { cutAt, confirmed: false }, call)).toMatchObject({
    done: false,
    objects: 0,
  });
  expect(objects.objects).toEqual(before);
  expect(await rescue.cut(LAYER, { cutAt, confirmed: true }, call)).toMatchObject({ done: true });
  const layer = await datastore.open(LAYER, { sizeBytes: SIZE });
  expect((await contentOf(layer)).equals(content)).toBe(true);
  await layer.write(0, Buffer.alloc(512, 0x77));
  await layer.close();
  const again = await datastore.open(LAYER, { sizeBytes: SIZE, readOnly: true });
  expect((await contentOf(again)).equals(Buffer.from(content).fill(0x77, 0, 512))).toBe(true);
  await again.close();
};

test.each([1, 2, 3])(
  "the last %i objects of a closed disk that somebody deletes are missed",
  async (lost) => {
    const { objects, layer, write } = await openDisk();
    const states = [await write(), await write(), await write(), await write()];
    await layer.close();
    const gone = logObjects(objects).slice(-lost);
    await isToldAndRepaired(without(objects, gone), gone[0] ?? "", states.at(-1 - lost) ?? Buffer.alloc(0));
  },
);

test("a killed writer's last objects are missed as far as the disk's owner stamp, or its opening, knew of them", async () => {
  const { objects, datastore, write } = await openDisk();
  const [first, stamped] = [await write(), await write()];
  await datastore.stamp(LAYER, { ...stamp, epoch: 2 });
  const [fence = "", ...segments] = logObjects(objects);
  await isToldAndRepaired(without(objects, segments.slice(-1)), segments[1] ?? "", first);
  await isToldAndRepaired(without(objects, segments), segments[0] ?? "", Buffer.alloc(SIZE));
  // It may lack the fence, too.
  const none = without(objects, [fence, ...segments]);
  await expect(datastoreOver(none).open(LAYER, { sizeBytes: SIZE })).rejects.toMatchObject({
    code: "object-damaged",
    data: { object: none.location(fence) },
  });
  // Whoever takes over knows what there was, and its own fence.
  await write();
  const next = elsewhere(objects);
  await datastoreOver(next).open(LAYER, { sizeBytes: SIZE });
  for (const lost of [1, 2]) {
    const gone = logObjects(next).slice(-lost);
    const left = Object.assign(without(next, gone), { location: (key: string) => `after:${lost}:${key}` });
    await expect(datastoreOver(left).open(LAYER, { sizeBytes: SIZE })).rejects.toMatchObject({
      code: "object-damaged",
      data: { object: left.location(gone[0] ?? "") },
    });
  }
  // What was flushed since is what nothing knows of.
  await write();
  const unknown = without(objects, logObjects(objects).slice(-1));
  const opened = await datastoreOver(unknown).open(LAYER, { sizeBytes: SIZE, readOnly: true });
  expect((await contentOf(opened)).subarray(0, 2 * BLOCK_BYTES)).toEqual(
    stamped.subarray(0, 2 * BLOCK_BYTES),
  );
});

test("a checkpoint says how far the bucket has the log, and costs no flush anything", async () => {
  const { objects, write } = await openDisk({ ...usualUpkeep, mostObjects: 6 });
  const recorded: number[] = [];
  let numbers = 0;
  objects.after = ({ kind, key }) => {
    if (kind !== "put") return;
    if (key.startsWith("layers/")) recorded.push(numbers);
    if (key.startsWith("logs/")) numbers = numberOf(key) ?? 0;
  };
  for (let round = 0; round < 40; round++) {
    await write();
    for (let turn = 0; turn < 20; turn++) await setImmediate();
  }
  expect(recorded.length).toBeGreaterThan(3);
  expect(recorded.length).toBeLessThan(8);
  const last = recorded.at(-1) ?? 0;
  const gone = logObjects(objects).filter((key) => (numberOf(key) ?? 0) >= last);
  const left = without(objects, gone);
  await expect(datastoreOver(left).open(LAYER, { sizeBytes: SIZE })).rejects.toMatchObject({
    code: "object-damaged",
  });
});

test("a store that takes its time with a layer's record keeps no checkpoint waiting, and is asked once", async () => {
  const { objects, layer, write } = await openDisk({ ...usualUpkeep, mostObjects: 6 });
  const held: (() => void)[] = [];
  const checkpoints = new Set<string>();
  objects.before = ({ kind, key }) => {
    if (kind !== "put") return;
    if (key.startsWith("checkpoints/")) checkpoints.add(key);
    if (key.startsWith("layers/")) return new Promise((resolve) => held.push(resolve));
  };
  for (let round = 0; round < 40; round++) {
    await write();
    for (let turn = 0; turn < 20; turn++) await setImmediate();
  }
  expect([checkpoints.size > 3, held.length]).toEqual([true, 1]);
  objects.before = () => undefined;
  for (const release of held) release();
  await layer.close();
});

test("what a crash kept from the bucket is not missed, whatever was stamped meanwhile", async () => {
  const bucket = new SlowBucket();
  const datastore = datastoreOver(bucket.objects);
  const opening = newLayer(datastore, SIZE);
  await bucket.during(opening);
  const layer = await opening;
  for (let fill = 1; fill < 4; fill++) {
    await layer.write(0, Buffer.alloc(BLOCK_BYTES, fill));
    void layer.flush().catch(() => undefined);
  }
  bucket.answer(0);
  bucket.answer(1);
  await setImmediate();
  await datastore.stamp(LAYER, { ...stamp, epoch: 2 });
  const reopened = await datastoreOver(elsewhere(bucket.objects)).open(LAYER, { sizeBytes: SIZE });
  expect((await contentOf(reopened))[0]).toBe(1);
  await reopened.close();
});

test("a writer that was fenced says nothing of the log that isn't so", async () => {
  const { objects, layer, write } = await openDisk();
  await write();
  const shared = Object.assign(elsewhere(objects), { objects: objects.objects });
  const second = await datastoreOver(shared).open(LAYER, { sizeBytes: SIZE });
  await second.write(0, Buffer.alloc(BLOCK_BYTES, 9));
  await expect(write()).rejects.toMatchObject({ code: "layer-io-failed" });
  await layer.close();
  await second.close();
  const third = await datastoreOver(shared).open(LAYER, { sizeBytes: SIZE, readOnly: true });
  expect((await contentOf(third))[0]).toBe(9);
  await third.close();
});
