import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { BLOCK_BYTES } from "./cell.ts";
import { busyUpkeep, datastoreOver, LAYER, newLayer } from "./testing/log-under-test.ts";
import { MemoryObjects } from "./testing/memory-objects.ts";

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
