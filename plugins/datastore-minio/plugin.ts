import { Clock, Datastore, definePlugin, Log, Metrics } from "pagurus";
import { Bucket } from "./bucket.ts";
import { minioCodes } from "./codes.ts";
import { MinioConfig } from "./config.ts";
import { MinioDatastore } from "./datastore.ts";
import { JournalHome } from "./journal/home.ts";
import { nodeDirectory } from "./journal/node-directory.ts";
import { S3Objects } from "./s3-objects.ts";
import { S3Store } from "./s3-store.ts";
import { meteredCounts, Tally } from "./tally.ts";

/** Whoever asks something of the datastore, not of an open disk, wants to know that it can't be reached. */
const ANSWER_MS = 10_000;

export default definePlugin({
  id: "datastore-minio",
  apiVersion: 1,
  summary: "Layers as logs of immutable objects in a bucket of MinIO or another S3 server",
  provides: [Datastore],
  requires: [Clock, Log, Metrics],
  observations: minioCodes,
  config: MinioConfig,
  register({ bind, id, config }) {
    bind(Datastore).toResolvedValue(
      (clock, log, metrics) => {
        const store = new S3Store({ id, config, clock, log, metrics });
        const tally = new Tally();
        const counts = [meteredCounts(metrics, id), tally];
        const objects = new S3Objects(store, counts);
        const prompt = new S3Objects(store, counts, { deadlineMs: ANSWER_MS });
        const bucket = new Bucket({ objects, store, counts, clock, log });
        const { journal } = config;
        const home =
          journal === undefined ? undefined : new JournalHome(id, journal, () => nodeDirectory(journal));
        const close = () => store.close();
        return new MinioDatastore(id, config, {
          ...{ objects, prompt, tally, bucket, log, clock, home, close },
        });
      },
      [Clock, Log, Metrics],
    );
  },
});
