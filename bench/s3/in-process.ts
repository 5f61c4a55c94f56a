import { setTimeout as delay } from "node:timers/promises";
import type { Clock, Log } from "pagurus";
import { Bucket } from "../../plugins/datastore-minio/bucket.ts";
import { MinioConfig } from "../../plugins/datastore-minio/config.ts";
import { MinioDatastore } from "../../plugins/datastore-minio/datastore.ts";
import { S3Objects } from "../../plugins/datastore-minio/s3-objects.ts";
import { S3Store } from "../../plugins/datastore-minio/s3-store.ts";
import { Tally } from "../../plugins/datastore-minio/tally.ts";
import type { JsonObject } from "../../src/contract/index.ts";

/** A datastore without a server around it, where what is measured is inside it. */
export const openDatastore = ({ plugin: _, ...section }: JsonObject) => {
  const config = MinioConfig.parse(section);
  const tally = new Tally();
  const metrics = { counter: () => ({ add: ignore }), gauge: () => ({ set: ignore }) };
  const store = new S3Store({ id: "bench", config, clock, log, metrics });
  const objects = new S3Objects(store, [tally]);
  const datastore = new MinioDatastore("bench", config, {
    objects,
    prompt: objects,
    tally,
    outages: store.outages,
    bucket: new Bucket({ objects, store, counts: [tally], clock, log }),
    log,
    clock,
    close: () => store.close(),
  });
  return { datastore, objects, tally };
};

/** The only layer of its datastore. */
export const LAYER = "bench";
export const stamp = { disk: "bench", epoch: 1, state: "owner" } as const;

const ignore = () => undefined;
const say = (message: string, data?: object) =>
  void process.stderr.write(`datastore: ${message} ${JSON.stringify(data ?? {})}\n`);
const log: Log = { debug: ignore, info: ignore, warn: say, error: say };

const clock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: (ms, signal) => delay(ms, undefined, { signal }),
  after(ms, then) {
    const timer = setTimeout(then, ms);
    return () => clearTimeout(timer);
  },
};
