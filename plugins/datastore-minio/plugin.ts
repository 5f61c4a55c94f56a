import { Clock, Datastore, definePlugin, Log, Metrics } from "pagurus";
import { Bucket } from "./bucket.ts";
import { minioCodes } from "./codes.ts";
import { MinioConfig } from "./config.ts";
import { MinioDatastore } from "./datastore.ts";
import { JournalHome } from "./journal/home.ts";
import { nodeDirectory } from "./journal/node-directory.ts";
import { S3Objects } from "./s3-objects.ts";
import { S3Store } from "./s3-store.ts";
import { meteredCounts } from "./tally.ts";

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
        const counts = [meteredCounts(metrics, id)];
        const objects = new S3Objects(store, counts);
        const bucket = new Bucket({ objects, store, counts, clock, log });
        const { journal } = config;
        const home =
          journal === undefined ? undefined : new JournalHome(id, journal, () => nodeDirectory(journal));
        const close = () => store.close();
        return new MinioDatastore(id, config, { objects, bucket, log, clock, home, close });
      },
      [Clock, Log, Metrics],
    );
  },
});
