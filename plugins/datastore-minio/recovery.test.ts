import type { RescueCall } from "pagurus";
import { expect, test } from "vitest";
import { BLOCK_BYTES, CELL_BYTES } from "./cell.ts";
import { logObjectKey, numberOf } from "./layout.ts";
import { contentOf, datastoreOver, LAYER, newLayer, smallConfig } from "./testing/log-under-test.ts";
import { MemoryObjects } from "./testing/memory-objects.ts";
import { SlowBucket } from "./testing/slow-bucket.ts";
import { usualUpkeep } from "./upkeep.ts";

const SEGMENT_BLOCKS = smallConfig.segmentBytes / CELL_BYTES;
const SEGMENTS = 8;
const SIZE = SEGMENTS * SEGMENT_BLOCKS * BLOCK_BYTES;
const { window } = smallConfig;
const call: RescueCall = { signal: new AbortController().signal, progress: () => undefined };

/** What a killed writer left that had sealed all its objects before it knew of any that the bucket had it. */
const sealedAtOnce = async (): Promise<MemoryObjects> => {
  const bucket = new SlowBucket();
  const opening = newLayer(datastoreOver(bucket.objects, {}, usualUpkeep), SIZE);
  await bucket.during(opening);
  const layer = await opening;
  for (let at = 0; at < SEGMENTS; at++) {
    const bytes = SIZE / SEGMENTS;
    await layer.write(at * bytes, Buffer.alloc(bytes, at + 1));
  }
  expect(bucket.held).toHaveLength(window);
  expect(await bucket.during(layer.flush())).toBe(true);
  return Object.assign(new MemoryObjects(bucket.objects.objects), {
    location: (key: string) => `elsewhere:${key}`,
  });
};

/** What a killed writer left that flushed each object, and so knew of it when it made the next one. */
const flushedOneByOne = async (): Promise<MemoryObjects> => {
  const objects = new MemoryObjects();
  const layer = await newLayer(datastoreOver(objects, {}, usualUpkeep), SIZE);
  for (let at = 0; at < window - 1; at++) {
    await layer.write(at * BLOCK_BYTES, Buffer.alloc(BLOCK_BYTES, at + 1));
    await layer.flush();
  }
  return Object.assign(new MemoryObjects(objects.objects), {
    location: (key: string) => `flushed:${key}`,
  });
};

test("an object that is gone is a loss where a later one was made by who knew that it was there, however near", async () => {
  const objects = await flushedOneByOne();
  const keys = [...objects.objects.keys()].filter((key) => key.startsWith("logs/")).sort();
  const [gone = "", next = ""] = keys.slice(1);
  objects.objects.delete(gone);
  const datastore = datastoreOver(objects);
  const object = objects.location(gone);
  for (const readOnly of [true, false])
    await expect(datastore.open(LAYER, { sizeBytes: SIZE, readOnly })).rejects.toMatchObject({
      code: "object-damaged",
      data: { object, problem: expect.stringContaining(`${objects.location(next)} was made after it`) },
    });
  const { layers } = await datastore.rescue.examine({ verify: false }, call);
  expect(layers).toMatchObject([{ state: "damaged", cutAt: numberOf(gone), damage: [{ object }] }]);
});

test("an object that is gone is a loss where another one is as far above it as no writer gets without it", async () => {
  const objects = await sealedAtOnce();
  const keys = [...objects.objects.keys()].filter((key) => key.startsWith("logs/")).sort();
  const [log = ""] = /[0-9a-f-]{36}/.exec(keys[0] ?? "") ?? [];
  const last = numberOf(keys.at(-1) ?? "") ?? 0;
  const gone = last - window;
  objects.objects.delete(logObjectKey(log, gone));
  const datastore = datastoreOver(objects);
  const object = objects.location(logObjectKey(log, gone));
  await expect(datastore.open(LAYER, { sizeBytes: SIZE })).rejects.toMatchObject({
    code: "object-damaged",
    data: { object, problem: expect.stringContaining("was made after it") },
  });
  const { layers } = await datastore.rescue.examine({ verify: false }, call);
  expect(layers).toMatchObject([{ state: "damaged", cutAt: gone, damage: [{ object }] }]);
  // One less is what a crash may leave: nothing after the gap was ever answered for.
  objects.objects.delete(logObjectKey(log, last));
  const layer = await datastoreOver(objects).open(LAYER, { sizeBytes: SIZE });
  const content = await contentOf(layer);
  const kept = gone - (last - SEGMENTS) - 1;
  const end = (kept * SIZE) / SEGMENTS;
  expect([content[end - 1], content[end]]).toEqual([kept, 0]);
  await layer.close();
});
