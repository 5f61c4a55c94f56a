import { setTimeout as delay } from "node:timers/promises";
import type { Clock } from "pagurus";
import { Bucket } from "../bucket.ts";
import { MinioConfig } from "../config.ts";
import { S3Objects } from "../s3-objects.ts";
import { S3Store } from "../s3-store.ts";
import { Tally } from "../tally.ts";
import { recordingLog, recordingMetrics } from "./services.ts";

/** A server: a real one or one of a test. */
interface Server {
  readonly url: string;
  readonly accessKey?: string;
  readonly secretKey?: string;
}

/** Requests to a server, with what was told of them. Ends with its scope. */
export function s3Bucket(
  { url, accessKey = "somebody", secretKey = "somebody's secret" }: Server,
  config: Partial<MinioConfig> & { readonly bucket: string },
  clock: Clock = realClock,
) {
  const { log, lines } = recordingLog();
  const tally = new Tally();
  const credentials = config.credentialsFile === undefined ? { accessKey, secretKey } : {};
  const store = new S3Store({
    id: "minio",
    config: MinioConfig.parse({ endpoint: url, ...credentials, ...config }),
    clock,
    log,
    metrics: recordingMetrics().metrics,
  });
  const objects = new S3Objects(store, [tally]);
  return {
    store,
    objects,
    tally,
    lines,
    bucket: new Bucket({ objects, store, counts: [tally], clock, log }),
    [Symbol.asyncDispose]: () => store.close(),
  };
}

export const realClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: (ms, signal) =>
    delay(ms, undefined, { signal }).catch(() => {
      throw signal?.reason;
    }),
  after: (ms, then) => {
    const timer = setTimeout(then, ms);
    return () => clearTimeout(timer);
  },
};
