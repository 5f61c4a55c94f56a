import { FakeClock } from "pagurus/testing";
import { expect, test } from "vitest";
import { busyUpkeep, contentOf, datastoreOver, LAYER, newLayer } from "../testing/log-under-test.ts";
import { SlowBucket } from "../testing/slow-bucket.ts";
import { VolatileDisk } from "../testing/volatile-directory.ts";
import type { JournalDirectory } from "./directory.ts";
import { JournalHome } from "./home.ts";

const SIZE = 64 * 4096;
const filled = (fill: number) => Buffer.alloc(4096, fill);

/** A journal whose mount can be taken away: who has it open goes on writing there. */
const setting = () => {
  const { directory } = new VolatileDisk();
  let away = false;
  const within = (inner: JournalDirectory): JournalDirectory => ({
    ...inner,
    directory: async (name) => within(await inner.directory(name)),
    isAtItsPath: () => !away,
  });
  const below = new VolatileDisk().directory;
  const home = new JournalHome("bucket", "/journal", async () => (away ? below : within(directory)));
  const bucket = new SlowBucket();
  const take = (taken: boolean) => {
    away = taken;
  };
  return { take, bucket, datastore: datastoreOver(bucket.objects, {}, busyUpkeep, new FakeClock(), home) };
};

test("nothing is answered from a journal that nobody would find, what was before goes to the bucket, and it is used again", async () => {
  const { take, bucket, datastore } = setting();
  const opening = newLayer(datastore, SIZE);
  await bucket.during(opening);
  const layer = await opening;
  await layer.write(0, filled(1));
  await bucket.during(layer.flush());
  await layer.write(4096, filled(2));
  take(true);
  await expect(layer.flush()).rejects.toMatchObject({
    code: "layer-io-failed",
    cause: { code: "journal-failed", data: { path: "/journal", layer: LAYER } },
  });
  take(false);
  await expect(layer.flush()).rejects.toMatchObject({ code: "layer-failed" });
  take(true);
  await bucket.during(layer.close());

  await expect(datastore.open(LAYER, { sizeBytes: SIZE })).rejects.toMatchObject({
    code: "datastore-unavailable",
    data: { reason: expect.stringContaining("its journal /journal") },
  });
  take(false);
  const back = datastore.open(LAYER, { sizeBytes: SIZE });
  await bucket.during(back);
  const reopened = await back;
  const content = await contentOf(reopened);
  expect(content.subarray(0, 8192).equals(Buffer.concat([filled(1), filled(2)]))).toBe(true);
  await bucket.during(reopened.flush());
  await bucket.during(reopened.close());
});
