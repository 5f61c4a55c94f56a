import { createHash, randomUUID } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import type { RescueCall } from "pagurus";
import { FakeClock } from "pagurus/testing";
import { expect, test } from "vitest";
import { BLOCK_BYTES } from "./cell.ts";
import { decodeRecord, encodeRecord } from "./record-object.ts";
import { busyUpkeep, contentOf, datastoreOver, LAYER, newLayer, stamp } from "./testing/log-under-test.ts";
import { MemoryObjects } from "./testing/memory-objects.ts";
import { withFormat } from "./testing/newer-format.ts";
import { recordingLog } from "./testing/services.ts";

const SIZE = 8 * BLOCK_BYTES;
const call: RescueCall = { signal: new AbortController().signal, progress: () => undefined };

/** A bucket with two disks, of which one has checkpoints. */
const bucketOfTwo = async () => {
  const objects = new MemoryObjects();
  const datastore = datastoreOver(objects);
  await datastore.create({ layer: "other", sizeBytes: SIZE, stamp });
  const layer = await newLayer(datastore, SIZE);
  for (let flushes = 0; flushes < 20; flushes++) {
    await layer.write(0, Buffer.alloc(BLOCK_BYTES, 5));
    await layer.flush();
  }
  await layer.close();
  const keys = [...objects.objects.keys()];
  const log = keys.find((key) => key.startsWith("logs/"))?.split("/")[1] ?? "";
  return { objects, log, keys };
};

const withMore = (objects: MemoryObjects, key: string, more: object): void => {
  const record = decodeRecord(key, objects.objects.get(key) ?? Buffer.alloc(0)) as object;
  objects.objects.set(key, encodeRecord(key, { ...record, ...more }));
};

/** The checkpoint, made whole again with another format. */
const withCheckpointFormat = (objects: MemoryObjects, key: string, format: number): void => {
  const bytes = Buffer.from(objects.objects.get(key) ?? []);
  bytes.writeUInt32LE(format, 4);
  const end = 72 + 36 * bytes.readUInt32LE(28);
  createHash("sha256").update(bytes.subarray(0, end)).digest().copy(bytes, end);
  objects.objects.set(key, bytes);
};

const newest = (keys: readonly string[], prefix: string): string =>
  keys
    .filter((key) => key.startsWith(prefix))
    .sort()
    .at(-1) ?? "";

const changes = [
  { what: "a later state that says more", removable: false },
  { what: "a record that says more", removable: false },
  { what: "a record of another version", removable: false },
  { what: "a log object of another format", removable: true },
  { what: "a checkpoint of another format", removable: true },
];

test.each(changes)("$what is of a newer release, which alone opens it", async ({ what, removable }) => {
  const { objects, keys } = await bucketOfTwo();
  const made = `layers/${LAYER}/made`;
  const state = keys.find((key) => key.startsWith(`layers/${LAYER}/`) && key !== made) ?? "";
  if (what.startsWith("a later")) withMore(objects, state, { pinned: true });
  else if (what.endsWith("more")) withMore(objects, made, { parent: { log: "x", number: 7 } });
  else if (what.endsWith("version")) withMore(objects, made, { version: 2 });
  else if (what.startsWith("a check")) withCheckpointFormat(objects, newest(keys, "checkpoints/"), 2);
  else withFormat(objects, newest(keys, "logs/"), 2);
  const before = new Map(objects.objects);
  const datastore = datastoreOver(objects);
  const told = {
    code: "object-newer",
    data: { object: expect.stringMatching(/^memory:(layers|logs|checkpoints)\//) },
  };
  for (const readOnly of [false, true])
    await expect(datastore.open(LAYER, { sizeBytes: SIZE, readOnly })).rejects.toMatchObject(told);
  const { layers } = await datastore.rescue.examine({ verify: true }, call);
  expect(layers.map(({ layer, state, damage }) => [layer, state, damage.length]).sort()).toContainEqual([
    LAYER,
    "newer",
    0,
  ]);
  await expect(datastore.rescue.cut(LAYER, { cutAt: 5, confirmed: true }, call)).rejects.toMatchObject(told);
  const listed: string[] = [];
  for await (const { layer } of datastore.list()) listed.push(layer);
  expect(listed.sort()).toEqual(removable ? [LAYER, "other"] : ["other"]);
  if (!removable) {
    await expect(datastore.stamp(LAYER, stamp)).rejects.toMatchObject(told);
    await expect(datastore.remove(LAYER)).rejects.toMatchObject(told);
    await expect(datastore.rescue.sweep({ confirmed: true }, call)).rejects.toMatchObject(told);
  }
  expect(objects.objects).toEqual(before);
  if (!removable) return;
  expect(layers).toContainEqual(expect.objectContaining({ layer: LAYER, sizeBytes: SIZE, stamp }));
  // Its record says nothing of what others must not overlook.
  await datastore.stamp(LAYER, { ...stamp, epoch: 2 });
  await datastore.remove(LAYER);
  expect([...objects.objects.keys()].filter((key) => !key.startsWith("layers/other/"))).toEqual([]);
});

const hints = [
  { what: "its state", state: { pinned: true } },
  { what: "what is built on its log", state: undefined },
];

test.each(hints)("a damaged record of which $what says that it is newer isn't removed", async ({ state }) => {
  const { objects, log, keys } = await bucketOfTwo();
  const made = `layers/${LAYER}/made`;
  const key = keys.find((each) => each.startsWith(`layers/${LAYER}/`) && each !== made) ?? "";
  objects.objects.set(made, Buffer.from("{"));
  if (state) withMore(objects, key, state);
  else objects.objects.set(`pins/${log}/0000000000000003.child`, Buffer.from("{}"));
  const before = new Map(objects.objects);
  await expect(datastoreOver(objects).remove(LAYER)).rejects.toMatchObject({ code: "object-newer" });
  expect(objects.objects).toEqual(before);
});

test("keys below a disk that only a newer release knows are told as such, and kept", async () => {
  const { objects, log } = await bucketOfTwo();
  objects.objects.set(`pins/${log}/0000000000000003.child`, Buffer.from("{}"));
  objects.objects.set("holiday.jpg", Buffer.from("…"));
  const { rescue } = datastoreOver(objects);
  const { layers, strayObjects } = await rescue.examine({ verify: true }, call);
  expect(layers.find(({ layer }) => layer === LAYER)).toMatchObject({
    state: "newer",
    damage: [],
    facts: { unknown: [expect.stringContaining("pins/")] },
  });
  expect(strayObjects).toBe(1);
  const one = await rescue.examine({ layer: LAYER, verify: false }, call);
  expect(one.layers).toMatchObject([{ state: "newer" }]);
  // A log without a layer may be what a child is built on.
  for (const key of [...objects.objects.keys()])
    if (key.startsWith(`layers/${LAYER}/`)) objects.objects.delete(key);
  expect(await rescue.sweep({ confirmed: true }, call)).toMatchObject({ objects: 0 });
  objects.objects.delete(`pins/${log}/0000000000000003.child`);
  const remains = await rescue.openRemains(log, { signal: call.signal });
  expect((await contentOf(remains))[0]).toBe(5);
  await remains.close();
});

test("keys below layers and logs that aren't there are nobody's, and told", async () => {
  const { objects } = await bucketOfTwo();
  const nobodys = [
    "layers/gone/x.tmp",
    "logs/notes/readme.txt",
    `pins/${randomUUID()}/0000000000000003.child`,
  ];
  for (const key of nobodys) objects.objects.set(key, Buffer.from("{}"));
  const { strays, layers } = await datastoreOver(objects).rescue.examine({ verify: false }, call);
  expect(strays.sort()).toEqual(nobodys.map((key) => objects.location(key)));
  expect(layers).toMatchObject([{ state: "sound" }, { state: "sound" }]);
});

test("a key below a disk that says nothing of a newer release is told, and its disk is sound", async () => {
  const { objects, log } = await bucketOfTwo();
  const foreign = [`layers/${LAYER}/x.tmp`, `logs/${log}/notes.txt`];
  for (const key of foreign) objects.objects.set(key, Buffer.from("…"));
  const datastore = datastoreOver(objects);
  const { layers, strayObjects } = await datastore.rescue.examine({ layer: LAYER, verify: true }, call);
  const unknown = foreign.map((key) => objects.location(key));
  expect(layers).toMatchObject([{ state: "sound", facts: { unknown } }]);
  expect(strayObjects).toBe(0);
  await (await datastore.open(LAYER, { sizeBytes: SIZE })).close();
});

test("a layer that only a newer release may know is swept by nobody, nor is its log", async () => {
  const { objects } = await bucketOfTwo();
  objects.objects.delete(`layers/${LAYER}/made`);
  objects.objects.set(`layers/${LAYER}/built`, Buffer.from("{}"));
  const before = new Map(objects.objects);
  const { rescue } = datastoreOver(objects);
  expect(await rescue.sweep({ confirmed: true }, call)).toMatchObject({ objects: 0, of: [] });
  expect(objects.objects).toEqual(before);
  objects.objects.delete(`layers/${LAYER}/built`);
  expect((await rescue.sweep({ confirmed: true }, call)).of).toHaveLength(2);
});

/** A disk that is open, of whose log the first segment was made in another format, and like others is mostly dead soon. */
const withNewerSegment = async () => {
  const objects = new MemoryObjects();
  const { log, lines } = recordingLog();
  const datastore = datastoreOver(objects, {}, busyUpkeep, new FakeClock(), undefined, log);
  const layer = await newLayer(datastore, 4 * SIZE);
  const fill = async (segment: number, blocks: number, byte: number) => {
    await layer.write(segment * SIZE, Buffer.alloc(blocks * BLOCK_BYTES, byte));
    await layer.flush();
    for (let turn = 0; turn < 20; turn++) await setImmediate();
  };
  await fill(0, 8, 1);
  const key = newest([...objects.objects.keys()], "logs/");
  withFormat(objects, key, 2);
  for (const segment of [1, 2, 3]) await fill(segment, 8, 1);
  return { objects, datastore, layer, lines, key, fill };
};

test("a segment of another format, below a checkpoint, is told as newer by who collects and verifies, and kept", async () => {
  const { objects, datastore, layer, lines, key, fill } = await withNewerSegment();
  const before = objects.objects.get(key);
  for (let nr = 0; nr < 40; nr++) await fill(nr % 4, 7, 2);
  const stopped = lines.filter(({ message }) => message.startsWith("Collection has stopped"));
  expect(stopped.map(({ data }) => data["reason"])).toEqual([
    expect.stringMatching(`object-newer.*memory:${key}"`),
  ]);
  await layer.close();
  expect(objects.objects.get(key)).toBe(before);
  const sizeBytes = 4 * SIZE;
  const reopened = await datastore.open(LAYER, { sizeBytes });
  expect((await contentOf(reopened))[SIZE - 1]).toBe(1);
  await reopened.close();
  const { layers } = await datastore.rescue.examine({ verify: true }, call);
  expect(layers).toMatchObject([{ layer: LAYER, sizeBytes, state: "newer", damage: [] }]);
});
