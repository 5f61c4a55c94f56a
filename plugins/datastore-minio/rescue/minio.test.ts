import { expect } from "vitest";
import { minioTest } from "../../../scripts/minio/vitest.ts";
import { BLOCK_BYTES } from "../cell.ts";
import { MinioConfig } from "../config.ts";
import { makeDatastore } from "../make-datastore.ts";
import { contentOf, LAYER, newLayer } from "../testing/log-under-test.ts";
import { realClock } from "../testing/s3-bucket.ts";
import { recordingLog, recordingMetrics } from "../testing/services.ts";

const BLOCKS = 16;
const SIZE = BLOCKS * BLOCK_BYTES;
const call = { signal: new AbortController().signal, progress: () => undefined };

interface Place {
  readonly server: { readonly url: string; readonly accessKey: string; readonly secretKey: string };
  readonly bucket: string;
  readonly prefix?: string;
}

/** Ends with its scope. */
const datastoreIn = ({ server: { url: endpoint, accessKey, secretKey }, ...place }: Place) => {
  const config = MinioConfig.parse({ endpoint, accessKey, secretKey, window: 4, ...place });
  const services = { clock: realClock, log: recordingLog().log, metrics: recordingMetrics().metrics };
  const datastore = makeDatastore("vault", config, services);
  return { datastore, [Symbol.asyncDispose]: () => datastore.stop() };
};

minioTest(
  "on a server: damage is named with its bucket, what is left is read, and a cut goes on without it",
  async ({ bucket, minio }) => {
    const place = { server: minio, bucket: bucket.name, prefix: "ours" };
    await using used = datastoreIn(place);
    const { datastore } = used;
    const layer = await newLayer(datastore, SIZE);
    for (let fill = 1; fill <= 6; fill++) {
      await layer.write((fill - 1) * BLOCK_BYTES, Buffer.alloc(2 * BLOCK_BYTES, fill));
      await layer.flush();
    }
    const content = await contentOf(layer);
    await layer.close();
    const { layers } = await datastore.rescue.examine({ verify: true }, call);
    expect(layers).toMatchObject([{ layer: LAYER, state: "sound", facts: { lastNumber: 10 } }]);
    const key = `logs/${layers[0]?.facts["log"]}/${"8".padStart(16, "0")}`;
    const whole = await bucket.client.getObject(bucket.name, `ours/${key}`);
    const spoilt = Buffer.concat(await whole.toArray());
    spoilt[4100 + 77] = 0;

    await bucket.client.putObject(bucket.name, `ours/${key}`, spoilt);
    const verified = await datastore.rescue.examine({ layer: LAYER, verify: true }, call);
    expect(verified.layers[0]?.damage).toEqual([
      {
        object: `${minio.url}/${bucket.name}/ours/${key}`,
        problem: expect.stringContaining("the bytes at 4100 are not those"),
        ranges: [],
        bytes: 0,
      },
    ]);
    // With nothing in its cache.
    await using other = datastoreIn(place);
    const reopened = await other.datastore.open(LAYER, { sizeBytes: SIZE, readOnly: true });
    expect((await contentOf(reopened)).equals(content)).toBe(true);
    await reopened.close();

    await bucket.client.removeObject(bucket.name, `ours/${key}`);
    const lost = await datastore.rescue.examine({ verify: false }, call);
    expect(lost.layers[0]).toMatchObject({ state: "damaged", cutAt: 8 });
    expect(lost.layers[0]?.damage[0]?.object).toBe(`${minio.url}/${bucket.name}/ours/${key}`);
    await expect(datastore.open(LAYER, { sizeBytes: SIZE })).rejects.toMatchObject({
      code: "object-damaged",
    });
    const remains = await datastore.rescue.openRemains(LAYER, { signal: call.signal });
    const left = Buffer.concat([content.subarray(0, 3 * BLOCK_BYTES), Buffer.alloc(BLOCK_BYTES, 3)]);
    expect((await contentOf(remains)).subarray(0, left.length).equals(left)).toBe(true);
    await remains.close();

    const cut = await datastore.rescue.cut(LAYER, { cutAt: 8, confirmed: true }, call);
    expect(cut).toMatchObject({
      done: true,
      objects: 2,
      kept: `${minio.url}/${bucket.name}/ours/lost/logs/${layers[0]?.facts["log"]}/`,
    });
    const mended = await datastore.open(LAYER, { sizeBytes: SIZE });
    expect((await contentOf(mended)).subarray(0, left.length).equals(left)).toBe(true);
    await mended.close();
  },
);

minioTest("a bucket that can't be inspected is named, with what to do", async ({ bucket, minio }) => {
  const inspect = async (place: Partial<Place> = {}) => {
    await using used = datastoreIn({ server: minio, bucket: bucket.name, ...place });
    return used.datastore.rescue.examine({ verify: false }, call);
  };
  const { url } = minio;
  const about = { bucket: bucket.name };
  await expect(
    inspect({ server: { url, accessKey: "nobody", secretKey: "nobody's secret" } }),
  ).rejects.toMatchObject({
    code: "bucket-access-denied",
    data: about,
  });
  await expect(inspect({ bucket: "never-made" })).rejects.toMatchObject({
    code: "bucket-not-found",
    // What the server said is told by it, and is no cause of its own.
    data: { bucket: "never-made", reason: expect.stringContaining("bucket does not exist") },
  });
  await bucket.client.putObject(bucket.name, "holiday.jpg", "not ours");
  await expect(inspect()).rejects.toMatchObject({
    code: "bucket-foreign",
    data: { ...about, object: `${url}/${bucket.name}/holiday.jpg` },
  });
  await bucket.client.putObject(bucket.name, "pagurus.json", '{"format":"pagurus","version":9,"id":"x"}');
  await expect(inspect()).rejects.toMatchObject({ code: "bucket-newer", data: about });
});
