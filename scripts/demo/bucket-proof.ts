import { LayerRecords } from "../../plugins/datastore-minio/layer-record.ts";
import { LineCache } from "../../plugins/datastore-minio/line-cache.ts";
import { MinioRescue } from "../../plugins/datastore-minio/rescue/rescue.ts";
import { s3Bucket } from "../../plugins/datastore-minio/testing/s3-bucket.ts";
import { systemClock } from "../../src/engine/system-clock.ts";
import type { Minio } from "../minio/minio.ts";
import { CHUNK_BYTES, type Compared, type Proof } from "./proofs.ts";

const CACHE_BYTES = 4 * CHUNK_BYTES;

interface Place {
  readonly minio: Minio;
  readonly bucket: string;
  readonly layer: string;
}

/** Reads the disk from the bucket's objects alone: no catalog and nothing that the server has in memory is asked. */
export const compareBucket = async (
  { minio, bucket: name, layer }: Place,
  { sizeBytes, ledger, signal }: Compared,
): Promise<Proof> => {
  await using place = s3Bucket(minio, { bucket: name }, systemClock);
  const { objects, bucket, tally } = place;
  const records = new LayerRecords(objects);
  const cache = new LineCache(CACHE_BYTES);
  const parts = { objects, records, cache, look: () => bucket.look(), now: () => systemClock.now() };
  const rescue = new MinioRescue({ id: "demo", ...parts });
  const remains = await rescue.openRemains(layer, { signal });
  let wrong = 0;
  const buffer = Buffer.alloc(CHUNK_BYTES);
  for (let at = 0; at < sizeBytes; at += CHUNK_BYTES) {
    await remains.read(at, buffer);
    wrong += ledger.differences(at, buffer);
  }
  await remains.close();
  const { requests } = tally.counts;
  const whole = `${sizeBytes} bytes, read from its objects alone in ${requests.get} requests, hold the same`;
  return {
    name: "the bucket itself",
    holds: wrong === 0 && remains.sizeBytes === sizeBytes,
    detail: wrong === 0 ? whole : `${wrong} blocks in the bucket ${name} differ`,
  };
};
