import { CodedError } from "pagurus";
import { FakeClock } from "pagurus/testing";
import { expect, test } from "vitest";
import { busyUpkeep, contentOf, datastoreOver, LAYER, newLayer } from "./testing/log-under-test.ts";
import { MemoryObjects } from "./testing/memory-objects.ts";

const SIZE = 64 * 1024;

test("a full bucket is told, loses nothing, and takes what waits once it has room", async () => {
  const objects = new MemoryObjects();
  const clock = new FakeClock();
  const layer = await newLayer(datastoreOver(objects, {}, busyUpkeep, clock), SIZE);
  await layer.write(4096, Buffer.alloc(4096, 7));
  objects.before = () => {
    throw new CodedError("no-space", { datastore: "bucket", availableBytes: 0, neededBytes: 4100 });
  };
  await expect(layer.flush()).rejects.toMatchObject({ code: "no-space" });
  await layer.write(8192, Buffer.alloc(4096, 8));
  objects.before = () => undefined;
  clock.advance(10_000);
  await layer.flush();
  await layer.close();
  const reopened = await datastoreOver(objects).open(LAYER, { sizeBytes: SIZE });
  const content = await contentOf(reopened);
  expect([content[4096], content[8192]]).toEqual([7, 8]);
});
