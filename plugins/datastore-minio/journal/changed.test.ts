import { FakeClock } from "pagurus/testing";
import { expect, test } from "vitest";
import { busyUpkeep, contentOf, datastoreOver, LAYER, newLayer } from "../testing/log-under-test.ts";
import { SlowBucket } from "../testing/slow-bucket.ts";
import { VolatileDisk } from "../testing/volatile-directory.ts";
import { HEAD_BYTES } from "./batch.ts";
import type { JournalDirectory, JournalFile } from "./directory.ts";
import { JournalHome } from "./home.ts";

const BLOCK = 4096;
const SIZE = 16 * BLOCK;

/** Whoever reads something of one of its files once more gets something else. */
const forgetful = (file: JournalFile): JournalFile => {
  const read = new Set<number>();
  return {
    ...file,
    async read(into, at) {
      const length = await file.read(into, at);
      if (into.length > HEAD_BYTES && read.has(at)) into[into.length - 1] = (into.at(-1) ?? 0) ^ 1;
      if (into.length > HEAD_BYTES) read.add(at);
      return length;
    },
  };
};

const within = (directory: JournalDirectory): JournalDirectory => ({
  ...directory,
  directory: async (name) => within(await directory.directory(name)),
  open: async (name) => {
    const file = await directory.open(name);
    return file && forgetful(file);
  },
});

/** A disk that was flushed to a journal, whose server is gone: the bucket lacks what was flushed. */
const flushedAndLost = async () => {
  const bucket = new SlowBucket();
  const { directory } = new VolatileDisk();
  const over = (objects: SlowBucket["objects"], journal: JournalDirectory) => {
    const home = new JournalHome("bucket", "/journal", async () => journal);
    return datastoreOver(objects, {}, busyUpkeep, new FakeClock(), home);
  };
  const opening = newLayer(over(bucket.objects, directory), SIZE);
  await bucket.during(opening);
  const layer = await opening;
  await bucket.during(layer.flush());
  await layer.write(BLOCK, Buffer.alloc(4 * BLOCK, 7));
  await layer.flush();
  const content = await contentOf(layer);
  const after = new SlowBucket(bucket.objects.objects);
  after.objects.location = (key) => `elsewhere:${key}`;
  return { bucket: after, content, over: (journal = directory) => over(after.objects, journal), directory };
};

test.each([true, false])(
  "a journal that is not the same when it is read again is said to be, and loses nothing (read only: %s)",
  async (readOnly) => {
    const { bucket, content, over, directory } = await flushedAndLost();
    const failing = over(within(directory)).open(LAYER, { sizeBytes: SIZE, readOnly });
    failing.catch(() => undefined);
    await bucket.during(failing);
    await expect(failing).rejects.toMatchObject({
      code: "journal-changed",
      data: { datastore: "bucket", layer: LAYER, path: "/journal", batch: expect.any(Number) },
    });
    const opening = over().open(LAYER, { sizeBytes: SIZE, readOnly });
    await bucket.during(opening);
    const layer = await opening;
    expect((await contentOf(layer)).equals(content)).toBe(true);
    await bucket.during(layer.close());
  },
);
