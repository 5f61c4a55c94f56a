import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { BLOCK_BYTES } from "./cell.ts";
import { busyUpkeep, contentOf, datastoreOver, LAYER, newLayer } from "./testing/log-under-test.ts";
import { MemoryObjects } from "./testing/memory-objects.ts";
import { SlowBucket } from "./testing/slow-bucket.ts";

const SIZE = 64 * BLOCK_BYTES;

test("a disk that is opened again and again, and hardly written in between, gets a checkpoint", async () => {
  const objects = new MemoryObjects();
  await (await newLayer(datastoreOver(objects), SIZE)).close();
  for (let opening = 0; opening < busyUpkeep.mostObjects; opening++) {
    const layer = await datastoreOver(objects).open(LAYER, { sizeBytes: SIZE });
    await layer.write(opening * BLOCK_BYTES, Buffer.alloc(BLOCK_BYTES, 1));
    await layer.flush();
    for (let turn = 0; turn < 50; turn++) await setImmediate();
    await layer.close();
  }
  expect([...objects.objects.keys()].some((key) => key.startsWith("checkpoints/"))).toBe(true);
});

const turns = async (count = 100) => {
  for (let turn = 0; turn < count; turn++) await setImmediate();
};

test("nothing is deleted before the log names the checkpoint that does without it, nor what the one before it needs", async () => {
  const objects = new MemoryObjects();
  const layer = await newLayer(datastoreOver(objects), SIZE);
  const removed: string[] = [];
  let named: (() => void) | undefined;
  let mayBeNamed = false;
  objects.before = ({ kind, key }) => {
    if (kind === "remove" && !key.startsWith("layers/")) removed.push(key);
    if (kind !== "put" || !key.startsWith("logs/") || !mayBeNamed) return;
    mayBeNamed = false;
    return new Promise((resolve) => {
      named = resolve;
    });
  };
  objects.after = ({ kind, key }) => {
    // The next object of the log is the one that names it.
    if (kind !== "put" || !key.startsWith("checkpoints/")) return;
    mayBeNamed = true;
    removed.length = 0;
  };
  const content = Buffer.alloc(SIZE);
  let fill = 0;
  let most = 0;
  for (let checkpoint = 0; checkpoint < 8; checkpoint++) {
    for (let round = 0; round < 50 && named === undefined; round++) {
      const offset = (fill % 4) * BLOCK_BYTES;
      content.fill(++fill % 250, offset, offset + BLOCK_BYTES);
      await layer.write(offset, content.subarray(offset, offset + BLOCK_BYTES));
      layer.flush().catch(() => undefined);
      await turns(20);
    }
    expect(named).toBeDefined();
    await turns();
    expect(removed).toEqual([]);
    named?.();
    named = undefined;
    await turns();
    most = Math.max(most, removed.filter((key) => key.startsWith("logs/")).length);
    const left = new MemoryObjects(objects.objects);
    const newest = [...left.objects.keys()].filter((key) => key.startsWith("checkpoints/")).sort();
    if (checkpoint > 0) {
      // Where it is damaged the one before it is begun with.
      expect(newest.length).toBeGreaterThan(1);
      left.objects.delete(newest.at(-1) ?? "");
    }
    await layer.flush();
    const reopened = await datastoreOver(left).open(LAYER, { sizeBytes: SIZE, readOnly: true });
    expect((await contentOf(reopened)).equals(content)).toBe(true);
    await reopened.close();
  }
  expect(most).toBeGreaterThan(0);
  await layer.close();
});

test("a crash beside a checkpoint leaves a prefix: there is none of what the bucket lacks, however it came", async () => {
  const bucket = new SlowBucket();
  const opening = newLayer(datastoreOver(bucket.objects), SIZE);
  await bucket.during(opening);
  const layer = await opening;
  const writes = busyUpkeep.mostObjects + 2;
  const arrived = writes - 3;
  for (let block = 0; block < writes; block++) {
    await layer.write(block * BLOCK_BYTES, Buffer.alloc(BLOCK_BYTES, block + 1));
    layer.flush().catch(() => undefined);
  }
  for (let answers = 0; answers < arrived; answers++) {
    bucket.answer(0);
    await turns();
  }
  // The next one stays away, and whatever is sent after it arrives.
  while (bucket.held.length > 1) {
    bucket.answer(1);
    await turns();
  }
  const left = datastoreOver(new MemoryObjects(bucket.objects.objects));
  const reopened = await left.open(LAYER, { sizeBytes: SIZE, readOnly: true });
  const content = await contentOf(reopened);
  const found = Array.from({ length: writes }, (_, block) => content[block * BLOCK_BYTES]);
  expect(found).toEqual(found.map((_, block) => (block < arrived ? block + 1 : 0)));
  await reopened.close();

  await bucket.during(layer.flush());
  await bucket.during(turns());
  expect([...bucket.objects.objects.keys()].some((key) => key.startsWith("checkpoints/"))).toBe(true);
  await bucket.during(layer.close());
});
