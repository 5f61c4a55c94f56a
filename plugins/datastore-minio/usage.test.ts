import type { Layer } from "pagurus";
import { expect } from "vitest";
import { FaultProxy } from "../../scripts/minio/faults/proxy.ts";
import type { Minio } from "../../scripts/minio/minio.ts";
import { minioTest } from "../../scripts/minio/vitest.ts";
import { MinioConfig } from "./config.ts";
import { makeDatastore } from "./make-datastore.ts";
import { impatientClock } from "./testing/impatient-clock.ts";
import { recordingLog, recordingMetrics } from "./testing/services.ts";

const LAYER = "disk";
const MiB = 2 ** 20;
const stamp = { disk: "d1", epoch: 1, state: "owner" } as const;
const block = Buffer.alloc(4096, 0x5a);

/** A datastore behind a proxy that may go down. Ends with its scope. */
const reached = async (
  { url, accessKey, secretKey }: Minio,
  bucket: string,
  more: Partial<MinioConfig> = {},
) => {
  const proxy = await FaultProxy.start(url);
  const config = MinioConfig.parse({ endpoint: proxy.url, bucket, accessKey, secretKey, ...more });
  const { log } = recordingLog();
  const { metrics } = recordingMetrics();
  const datastore = makeDatastore("vault", config, { clock: impatientClock(), log, metrics });
  return {
    proxy,
    datastore,
    [Symbol.asyncDispose]: async () => {
      await datastore.stop();
      await proxy.stop();
    },
  };
};

const requestsOf = (layer: Layer) => ({ ...layer.usage?.().requests });

minioTest(
  "a disk costs a request for each flush of something, and none otherwise",
  async ({ minio, bucket }) => {
    await using used = await reached(minio, bucket.name, {
      prices: { ...noPrices, currency: "EUR", putPer1000: 5, sentPerGiB: 0 },
    });
    const { datastore } = used;
    await datastore.create({ layer: LAYER, sizeBytes: MiB, stamp });
    const layer = await datastore.open(LAYER, { sizeBytes: MiB });
    const opened = layer.usage?.();
    // The fence, and that it is there.
    expect(opened).toMatchObject({ requests: { put: 2 }, price: { amount: 0.01, currency: "EUR" } });
    layer.write(0, block);
    const { requests } = opened ?? {};
    expect(layer.usage?.()).toMatchObject({ requests, bufferedBytes: 4124, maxBufferedBytes: 128 * MiB });
    await layer.flush();
    const flushed = layer.usage?.();
    expect(flushed).toMatchObject({ requests: { ...requests, put: 3 }, bufferedBytes: 0 });
    expect(flushed?.price?.amount).toBeCloseTo(0.015, 9);
    await layer.flush();
    await layer.read(0, Buffer.alloc(4096));
    await layer.read(MiB / 2, Buffer.alloc(4096));
    expect(layer.usage?.()).toEqual(flushed);
    expect(datastore.usage().requests["put"]).toBeGreaterThan(2);
    await layer.close();
  },
);

minioTest("what a server keeps waiting is told, and bounded", async ({ minio, bucket }) => {
  const maxBufferedBytes = 16 * MiB;
  await using used = await reached(minio, bucket.name, { maxBufferedBytes, segmentBytes: MiB });
  const { proxy, datastore } = used;
  const sizeBytes = 64 * MiB;
  await datastore.create({ layer: LAYER, sizeBytes, stamp });
  const layer = await datastore.open(LAYER, { sizeBytes });
  const holding = proxy.holdRequests({ method: "PUT", key: /logs\// });
  const written: (void | Promise<void>)[] = [];
  for (let offset = 0; offset < 20 * MiB; offset += MiB / 2)
    written.push(layer.write(offset, Buffer.alloc(MiB / 2, 1)));
  const usage = layer.usage?.();
  const waiting = written.filter((write) => write !== undefined);
  expect(usage?.waitingWrites).toBe(waiting.length);
  expect(waiting.length).toBeGreaterThan(0);
  expect(usage?.bufferedBytes).toBeGreaterThan(maxBufferedBytes / 2);
  expect(usage?.bufferedBytes).toBeLessThanOrEqual(maxBufferedBytes);
  const first = await holding.next();
  holding.stop();
  await first.release();
  await proxy.goDown();
  await proxy.comeUp();
  await Promise.all(waiting);
  await layer.flush();
  expect(layer.usage?.()).toMatchObject({ bufferedBytes: 0, waitingWrites: 0 });
  expect(requestsOf(layer)["put"]).toBeGreaterThan(20);
  await layer.close();
});

minioTest(
  "whoever asks for something is told that the server can't be reached",
  async ({ minio, bucket }) => {
    await using used = await reached(minio, bucket.name);
    const { proxy, datastore } = used;
    await datastore.create({ layer: LAYER, sizeBytes: MiB, stamp });
    const layer = await datastore.open(LAYER, { sizeBytes: MiB });
    await layer.close();
    await proxy.goDown();
    const spec = { layer: "other", sizeBytes: MiB, stamp };
    const asked = {
      create: () => datastore.create(spec),
      open: () => datastore.open(LAYER, { sizeBytes: MiB }),
      "open to read": () => datastore.open(LAYER, { sizeBytes: MiB, readOnly: true }),
      stamp: () => datastore.stamp(LAYER, { ...stamp, epoch: 2 }),
      inspect: () => datastore.inspect(LAYER),
      remove: () => datastore.remove(LAYER),
      list: () => datastore.list()[Symbol.asyncIterator]().next(),
      check: () => datastore.check(),
    };
    for (const [what, ask] of Object.entries(asked))
      await expect(ask(), what).rejects.toMatchObject({ code: "datastore-unavailable" });
    await proxy.comeUp();
    expect(await datastore.inspect(LAYER)).toMatchObject({ stamp: { epoch: 1 } });
  },
);

minioTest(
  "an open disk waits for its server, and says nothing false meanwhile",
  async ({ minio, bucket }) => {
    await using used = await reached(minio, bucket.name);
    const { proxy, datastore } = used;
    await datastore.create({ layer: LAYER, sizeBytes: MiB, stamp });
    const layer = await datastore.open(LAYER, { sizeBytes: MiB });
    layer.write(0, block);
    await proxy.goDown();
    let answered = false;
    const before = layer.usage?.().requests["put"] ?? 0;
    const flush = layer.flush().then(() => {
      answered = true;
    });
    // More attempts than fit the time in which others are told.
    while ((layer.usage?.().requests["put"] ?? 0) < before + 40) await new Promise(setImmediate);
    expect(answered).toBe(false);
    expect(layer.usage?.().bufferedBytes).toBe(4124);
    await proxy.comeUp();
    await flush;
    expect(layer.usage?.().bufferedBytes).toBe(0);
    await layer.close();
  },
);

const noPrices = {
  currency: "USD",
  putPer1000: 0,
  getPer1000: 0,
  listPer1000: 0,
  deletePer1000: 0,
  copyPer1000: 0,
  sentPerGiB: 0,
  receivedPerGiB: 0,
};
