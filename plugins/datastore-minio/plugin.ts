import { Clock, Datastore, definePlugin, Log, Metrics } from "pagurus";
import { minioCodes } from "./codes.ts";
import { MinioConfig } from "./config.ts";
import { makeDatastore } from "./make-datastore.ts";

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
      (clock, log, metrics) => makeDatastore(id, config, { clock, log, metrics }),
      [Clock, Log, Metrics],
    );
  },
});
