import type { Clock, Log, Metrics } from "pagurus";
import { Bucket } from "./bucket.ts";
import type { MinioConfig } from "./config.ts";
import { MinioDatastore } from "./datastore.ts";
import { JournalHome } from "./journal/home.ts";
import { nodeDirectory } from "./journal/node-directory.ts";
import { S3Objects } from "./s3-objects.ts";
import { S3Store } from "./s3-store.ts";
import { meteredCounts, Tally } from "./tally.ts";

/** Whoever asks something of the datastore, not of an open disk, wants to know that it can't be reached. */
const ANSWER_MS = 10_000;

export interface Services {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** The datastore of a configuration, in one disk thread. */
export const makeDatastore = (
  id: string,
  config: MinioConfig,
  { clock, log, metrics }: Services,
): MinioDatastore => {
  const store = new S3Store({ id, config, clock, log, metrics });
  const { outages } = store;
  const tally = new Tally();
  const counts = [meteredCounts(metrics, id), tally];
  const objects = new S3Objects(store, counts);
  const prompt = new S3Objects(store, counts, { deadlineMs: ANSWER_MS });
  const bucket = new Bucket({ objects, store, counts, clock, log });
  const { journal } = config;
  const home = journal === undefined ? undefined : new JournalHome(id, journal, () => nodeDirectory(journal));
  const close = () => store.close();
  return new MinioDatastore(id, config, {
    ...{ objects, prompt, tally, outages, bucket, log, clock, home, close },
  });
};
