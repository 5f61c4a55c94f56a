import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Datastore, RescueCall } from "pagurus";
import { FakeClock } from "pagurus/testing";
import { expect } from "vitest";
import type { TestBucket } from "../../scripts/minio/bucket.ts";
import { FaultProxy, type HeldRequest } from "../../scripts/minio/faults/proxy.ts";
import { minioTest } from "../../scripts/minio/vitest.ts";
import { journaledDatastore } from "./testing/journaled.ts";
import { busyUpkeep, contentOf, datastoreOver, LAYER, stamp } from "./testing/log-under-test.ts";
import { SIZE, writeOf, writesIn } from "./testing/marked-writes.ts";
import { s3Bucket } from "./testing/s3-bucket.ts";
import { startWriter } from "./testing/start-writer.ts";

const BLOCK = 4096;
const call: RescueCall = { signal: new AbortController().signal, progress: () => undefined };
const segments = { method: "PUT", key: /^logs\// } as const;

/** Between writers and the real server. Ends with its scope. */
const proxyTo = async ({ url }: { readonly url: string }) => {
  const proxy = await FaultProxy.start(url);
  return { proxy, [Symbol.asyncDispose]: () => proxy.stop() };
};

const keysIn = async ({ client, name }: TestBucket): Promise<string[]> => {
  const keys: string[] = [];
  for await (const { name: key = "" } of client.listObjectsV2(name, "", true)) keys.push(key);
  return keys;
};

/** In the order of their numbers, and what the server says to each now. */
const deliver = async (held: readonly HeldRequest[]): Promise<number[]> => {
  const statuses: number[] = [];
  for (const each of [...held].sort((a, b) => (a.line.key < b.line.key ? -1 : 1)))
    statuses.push((await each.release()).status);
  return statuses;
};

const demandSound = async ({ rescue }: Datastore): Promise<void> => {
  const found = await rescue?.examine({ verify: true }, call);
  expect(found).toMatchObject({ layers: [{ layer: LAYER, state: "sound", damage: [] }], strayObjects: 0 });
};

/** Whoever opens it next finds that, and its removal leaves nothing. */
const demandContent = async (datastore: Datastore, bucket: TestBucket, content: Buffer): Promise<void> => {
  for (const readOnly of [true, false]) {
    const layer = await datastore.open(LAYER, { sizeBytes: content.length, readOnly });
    expect((await contentOf(layer)).equals(content)).toBe(true);
    await layer.close();
  }
  await demandSound(datastore);
  await datastore.remove(LAYER);
  expect((await keysIn(bucket)).filter((key) => key !== "pagurus.json")).toEqual([]);
};

minioTest(
  "segments that arrive when another host has taken their disk over are no part of it, and their flush fails",
  async ({ bucket, minio }) => {
    await using between = await proxyTo(minio);
    const { proxy } = between;
    await using here = journaledDatastore({ server: { ...minio, url: proxy.url }, bucket: bucket.name });
    await using elsewhere = journaledDatastore({ server: minio, bucket: bucket.name });
    const former = await here.open();
    await former.write(0, Buffer.alloc(SIZE, 1));
    await former.flush();
    const holding = proxy.holdRequests(segments);
    await former.write(0, Buffer.alloc(SIZE / 2, 2));
    const flushing = expect(former.flush()).rejects.toMatchObject({ code: "layer-io-failed" });
    const held = [await holding.next(), await holding.next()];

    const layer = await elsewhere.open();
    const content = Buffer.alloc(SIZE, 1);
    expect((await contentOf(layer)).equals(content)).toBe(true);
    await layer.write(0, content.fill(3, 0, BLOCK).subarray(0, BLOCK));
    await layer.flush();
    holding.stop();
    // The first one's number is the fence's; behind it is room for what comes late.
    expect(await deliver(held)).toEqual([412, 200]);
    await flushing;
    await layer.write(BLOCK, content.fill(4, BLOCK, 2 * BLOCK).subarray(BLOCK, 2 * BLOCK));
    await layer.flush();
    expect((await contentOf(layer)).equals(content)).toBe(true);
    await demandSound(elsewhere.datastore);
    await layer.close();
    await former.close();
    await demandContent(here.datastore, bucket, content);
  },
);

minioTest(
  "a segment that arrives again when collection has removed it, with those before and after it, is no part of its disk",
  { timeout: 60_000 },
  async ({ bucket, minio }) => {
    await using between = await proxyTo(minio);
    const { proxy } = between;
    await using reached = s3Bucket({ ...minio, url: proxy.url }, { bucket: bucket.name });
    await reached.bucket.open();
    const datastore = datastoreOver(reached.objects);
    await datastore.create({
      layer: LAYER,
      sizeBytes: SIZE,
      stamp,
    });
    const layer = await datastore.open(LAYER, { sizeBytes: SIZE });
    const content = Buffer.alloc(SIZE);
    const write = async (fill: number) => {
      await layer.write(0, content.fill(fill, 0, SIZE - 8 * BLOCK).subarray(0, SIZE - 8 * BLOCK));
      await layer.flush();
    };
    await layer.write(0, content.fill(1));
    await write(2);
    const holding = proxy.holdRequests({ ...segments, times: 1 });
    const writing = write(3);
    const held = await holding.next();
    // Its connection is lost: the client sends it again, and that comes through.
    held.hangUp();
    await writing;
    const at = Number(held.line.key.slice(-16));
    const around = [at - 1, at, at + 1].map((number) => held.line.key.replace(/\d{16}$/, digits(number)));
    const left = async () => (await keysIn(bucket)).filter((key) => around.includes(key));
    await write(4);
    expect(await left()).not.toEqual([]);
    for (let fill = 5; (await left()).length > 0; fill++) await write(fill % 256);
    expect(await deliver([held])).toEqual([200]);
    expect(await left()).toEqual([held.line.key]);

    expect((await contentOf(layer)).equals(content)).toBe(true);
    await demandSound(datastore);
    for (let fill = 100; fill < 120; fill++) await write(fill);
    await layer.close();
    await demandContent(datastore, bucket, content);
    // And once more when there is no such disk.
    expect(await deliver([held])).toEqual([200]);
    expect(await datastore.rescue.sweep({ confirmed: true }, call)).toMatchObject({ done: true, objects: 1 });
    expect(await keysIn(bucket)).toEqual(["pagurus.json"]);
  },
);

const digits = (number: number): string => String(number).padStart(16, "0");

minioTest(
  "a layer whose creation arrives once more when it was removed is told by a sweep, and taken by one that names it",
  async ({ bucket, minio }) => {
    await using between = await proxyTo(minio);
    const { proxy } = between;
    await using reached = s3Bucket({ ...minio, url: proxy.url }, { bucket: bucket.name });
    await reached.bucket.open();
    const clock = new FakeClock();
    const datastore = datastoreOver(reached.objects, {}, busyUpkeep, clock);
    const { rescue } = datastore;
    const holding = proxy.holdRequests({ method: "PUT", key: /^layers\//, times: 1 });
    const creating = datastore.create({ layer: LAYER, sizeBytes: SIZE, stamp });
    const held = await holding.next();
    held.hangUp();
    await creating;
    await datastore.remove(LAYER);
    expect(await keysIn(bucket)).toEqual(["pagurus.json"]);
    expect(await deliver([held])).toEqual([200]);

    clock.advance(Date.now());
    expect(await rescue.sweep({ confirmed: true, known: [] }, call)).toMatchObject({
      objects: 0,
      unknown: [
        { layer: LAYER, stamp, storedBytes: 0, kept: expect.stringContaining("less than a day ago") },
      ],
    });
    clock.advance(25 * 3_600_000);
    expect(await rescue.sweep({ confirmed: true, layer: LAYER }, call)).toMatchObject({
      done: true,
      objects: 1,
    });
    expect(await keysIn(bucket)).toEqual(["pagurus.json"]);
  },
);

const writers = [
  { where: "the bucket", journaled: false, late: [412] },
  // It goes on while the bucket has neither: what lies behind the fence comes late, too.
  { where: "a journal", journaled: true, late: [412, 200] },
];

minioTest.for(writers)(
  "segments that arrive when their killed server has been started again change nothing of what $where had answered for",
  { timeout: 120_000 },
  async ({ journaled, late }, { bucket, minio }) => {
    await using between = await proxyTo(minio);
    const { proxy } = between;
    const journal = await mkdtemp(join(tmpdir(), "pagurus-journal-"));
    const place = {
      ...{ server: { ...minio, url: proxy.url }, bucket: bucket.name },
      ...(journaled && { journal }),
    };
    try {
      let works = () => {};
      const atWork = new Promise<string>((resolve) => {
        works = () => resolve("at work");
      });
      const writer = startWriter(place, () => works());
      expect(await Promise.race([atWork, writer.ended()])).toBe("at work");
      const holding = proxy.holdRequests(segments);
      const held: HeldRequest[] = [];
      for (const _ of late) held.push(await holding.next());
      writer.kill();
      const flushed = await writer.ended();
      holding.stop();

      await using used = journaledDatastore(place);
      const layer = await used.open();
      const found = writesIn(await contentOf(layer)) ?? 0;
      expect(found).toBeGreaterThanOrEqual(flushed);
      const write = async (n: number) => {
        const { offset, from } = writeOf(n);
        await layer.write(offset, from);
        await layer.flush();
      };
      await write(found + 1);
      expect(await deliver(held)).toEqual(late);
      await write(found + 2);
      const content = await contentOf(layer);
      expect(writesIn(content)).toBe(found + 2);
      await demandSound(used.datastore);
      await layer.close();
      await demandContent(used.datastore, bucket, content);
    } finally {
      await rm(journal, { recursive: true });
    }
  },
);
