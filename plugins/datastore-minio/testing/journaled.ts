import { MinioDatastore } from "../datastore.ts";
import { JournalHome } from "../journal/home.ts";
import { nodeDirectory } from "../journal/node-directory.ts";
import { Tally } from "../tally.ts";
import { LAYER, smallConfig, stamp } from "./log-under-test.ts";
import { SIZE } from "./marked-writes.ts";
import { realClock, s3Bucket } from "./s3-bucket.ts";

/** What a process of a test is told. */
export interface JournaledPlace {
  readonly server: { readonly url: string; readonly accessKey: string; readonly secretKey: string };
  readonly bucket: string;
  readonly journal: string;
}

/** A datastore on a real server with a real journal. Ends with its scope. */
export const journaledDatastore = ({ server, bucket: name, journal }: JournaledPlace) => {
  const { objects, bucket, store } = s3Bucket(server, { bucket: name });
  const home = new JournalHome("bucket", journal, () => nodeDirectory(journal));
  const close = () => store.close();
  const silent = () => undefined;
  const log = { debug: silent, info: silent, warn: silent, error: silent };
  const tally = new Tally();
  const datastore = new MinioDatastore("bucket", smallConfig, {
    ...{ objects, prompt: objects, tally, bucket, log, clock: realClock, home, close },
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
