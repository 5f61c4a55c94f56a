import { expect, test } from "vitest";
import { contentOf, datastoreOver, LAYER, newLayer, stamp } from "./testing/log-under-test.ts";
import { MemoryObjects } from "./testing/memory-objects.ts";

const TiB = 2 ** 40;

test("what is longer than a map reaches is refused, and leaves the layer as it was", async () => {
  const objects = new MemoryObjects();
  const datastore = datastoreOver(objects);
  const tooLong = { layer: LAYER, sizeBytes: 17 * TiB, stamp };
  await expect(datastore.create(tooLong)).rejects.toMatchObject({ code: "layer-too-long" });
  const layer = await newLayer(datastore, 4096);
  await layer.write(0, Buffer.alloc(4096, 7));
  await expect(layer.resize(17 * TiB)).rejects.toMatchObject({ code: "layer-too-long" });
  await layer.flush();
  await layer.close();
  const reopened = await datastoreOver(objects).open(LAYER, { sizeBytes: 4096 });
  expect((await contentOf(reopened)).equals(Buffer.alloc(4096, 7))).toBe(true);
});
