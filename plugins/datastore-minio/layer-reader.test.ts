import { randomBytes, randomInt } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
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
