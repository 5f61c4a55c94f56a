import { randomBytes, randomInt } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { BLOCK_BYTES } from "./cell.ts";
import { contentOf, datastoreOver, newLayer } from "./testing/log-under-test.ts";
import { MemoryObjects } from "./testing/memory-objects.ts";

const BYTES = 3 * 2 ** 20;
/** Memory for segments, answers and cached lines is used again from the first objects on. */
const small = { segmentBytes: 256 * 1024, cacheBytes: 192 * 1024 };

test("reads side by side see what was written, however little is kept of it", async () => {
  const objects = new MemoryObjects();
  const layer = await newLayer(datastoreOver(objects, small), BYTES);
  objects.before = () => setImmediate();
  const content = Buffer.alloc(BYTES);
  for (let round = 0; round < 4; round++) {
    for (let write = 0; write < 12; write++) {
      const bytes = randomBytes(512 * randomInt(1, 1024));
      const offset = 512 * randomInt((BYTES - bytes.length) / 512);
      await layer.write(offset, bytes);
      bytes.copy(content, offset);
    }
    await layer.flush();
    const reads = Array.from({ length: 60 }, async () => {
      const into = Buffer.alloc(512 * randomInt(1, 1024), 0xee);
      const offset = 512 * randomInt((BYTES - into.length) / 512);
      await layer.read(offset, into);
      expect(into.equals(content.subarray(offset, offset + into.length))).toBe(true);
    });
    await Promise.all(reads);
  }
  expect((await contentOf(layer)).equals(content)).toBe(true);
});

test("what was damaged on its way is asked for once more, and what stays so is said", async () => {
  const objects = new MemoryObjects();
  const layer = await newLayer(datastoreOver(objects, { ...small, cacheBytes: 0 }), BYTES);
  const content = randomBytes(BYTES);
  await layer.write(0, content);
  await layer.flush();
  const [key = ""] = [...objects.objects.keys()].filter((name) => name.startsWith("logs/")).slice(2);
  const sound = objects.objects.get(key) ?? Buffer.alloc(0);
  const damaged = Buffer.from(sound);
  damaged.writeUInt8(~damaged.readUInt8(100_000) & 0xff, 100_000);
  objects.objects.set(key, damaged);
  let asked = 0;
  objects.before = ({ kind, key: wanted }) => {
    if (kind === "get" && wanted === key && ++asked === 2) objects.objects.set(key, sound);
  };
  expect((await contentOf(layer)).equals(content)).toBe(true);
  objects.objects.set(key, damaged);
  await expect(contentOf(layer)).rejects.toMatchObject({ code: "layer-io-failed", data: { lost: true } });
});

test("what is collected while it is on its way is read from where it is by then", async () => {
  const objects = new MemoryObjects();
  const layer = await newLayer(datastoreOver(objects, { cacheBytes: 0 }), 64 * BLOCK_BYTES);
  const content = randomBytes(64 * BLOCK_BYTES);
  await layer.write(0, content);
  await layer.flush();
  let wanted = "";
  let release = () => {};
  objects.before = ({ kind, key }) => {
    if (kind !== "get" || wanted !== "") return;
    wanted = key;
    return new Promise((resolve) => {
      release = resolve;
    });
  };
  const first = Buffer.alloc(BLOCK_BYTES);
  const reading = layer.read(0, first);
  expect(wanted).toMatch(/^logs\//);
  // Of each eight blocks, which are an object, one stays where it was.
  for (let round = 0; round < 100 && objects.objects.has(wanted); round++) {
    for (let block = 1; block < 64; block += 8)
      await layer.write(
        block * BLOCK_BYTES,
        content.subarray(block * BLOCK_BYTES, (block + 7) * BLOCK_BYTES),
      );
    await layer.flush();
    await setImmediate();
  }
  expect(objects.objects.has(wanted)).toBe(false);
  release();
  await reading;
  expect(first.equals(content.subarray(0, BLOCK_BYTES))).toBe(true);
});
