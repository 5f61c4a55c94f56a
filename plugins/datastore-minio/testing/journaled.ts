import { MinioConfig } from "../config.ts";
import { makeDatastore } from "../make-datastore.ts";
import { LAYER, stamp } from "./log-under-test.ts";
import { SIZE } from "./marked-writes.ts";
import { realClock } from "./s3-bucket.ts";
import { recordingLog, recordingMetrics } from "./services.ts";

/** What a process of a test is told. */
export interface JournaledPlace {
  readonly server: { readonly url: string; readonly accessKey: string; readonly secretKey: string };
  readonly bucket: string;
  readonly journal?: string;
}

/** Small enough that a few writes make several objects. */
const SEGMENT_BYTES = 64 * 1024;

/** A datastore on a real server, with a real journal where there is to be one. Ends with its scope. */
export const journaledDatastore = ({ server, bucket, journal }: JournaledPlace) => {
  const { url: endpoint, accessKey, secretKey } = server;
  const config = {
    ...{ endpoint, accessKey, secretKey, bucket, segmentBytes: SEGMENT_BYTES },
    ...(journal !== undefined && { journal }),
  };
  const datastore = makeDatastore("bucket", MinioConfig.parse(config), {
    clock: realClock,
    log: recordingLog().log,
    metrics: recordingMetrics().metrics,
  });
  return {
    datastore,
    async open() {
      if ((await datastore.inspect(LAYER)) === undefined)
        await datastore.create({ layer: LAYER, sizeBytes: SIZE, stamp });
      return datastore.open(LAYER, { sizeBytes: SIZE });
    },
    [Symbol.asyncDispose]: () => datastore.stop(),
  };
};
