import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import type { TestBucket } from "../../scripts/minio/bucket.ts";
import { minioTest } from "../../scripts/minio/vitest.ts";
import { MARKER } from "./bucket.ts";
import { impatientClock } from "./testing/impatient-clock.ts";
import { s3Bucket } from "./testing/s3-bucket.ts";
import { scriptedServer } from "./testing/scripted-server.ts";

const keys = async (used: ReturnType<typeof s3Bucket>): Promise<readonly string[]> => {
  const found: string[] = [];
  for await (const { key } of used.objects.list("")) found.push(key);
  return found;
};

minioTest(
  "an empty bucket is taken by whoever uses it first, and stays the same one",
  async ({ bucket, minio }) => {
    await using one = s3Bucket(minio, { bucket: bucket.name });
    await using other = s3Bucket(minio, { bucket: bucket.name });
    const [first, second] = await Promise.all([one.bucket.open(), other.bucket.open()]);
    expect(first).toEqual(second);
    expect(await one.bucket.open()).toEqual(first);
    expect(await keys(one)).toEqual([MARKER]);
    expect(one.lines).toEqual([]);
  },
);

minioTest("a bucket in use costs one request to open", async ({ bucket, minio }) => {
  await using one = s3Bucket(minio, { bucket: bucket.name });
  await one.bucket.open();
  await using other = s3Bucket(minio, { bucket: bucket.name });
  await other.bucket.open();
  expect(other.tally.counts.requests).toEqual({ put: 0, get: 1, list: 0, delete: 0, copy: 0 });
});

// Some 200 requests otherwise, before each move into the bucket.
minioTest("a brief check looks at the settings and writes nothing", async ({ bucket, minio }) => {
  await using one = s3Bucket(minio, { bucket: bucket.name });
  await one.bucket.check({ brief: true });
  expect(one.tally.counts.requests).toMatchObject({ put: 0, delete: 0 });
  await bucket.client.setBucketVersioning(bucket.name, { Status: "Enabled" });
  await expect(one.bucket.check({ brief: true })).rejects.toMatchObject({ code: "bucket-versioned" });
});

minioTest(
  "a bucket with objects of others is left as it is, unless a prefix keeps us apart",
  async ({ bucket, minio }) => {
    await bucket.client.putObject(bucket.name, "holiday.jpg", "…");
    await using used = s3Bucket(minio, { bucket: bucket.name });
    await expect(used.bucket.open()).rejects.toMatchObject({
      code: "bucket-foreign",
      data: { bucket: bucket.name, object: expect.stringContaining("holiday.jpg"), marker: MARKER },
    });
    expect(await keys(used)).toEqual(["holiday.jpg"]);
    await using apart = s3Bucket(minio, { bucket: bucket.name, prefix: "disks" });
    await apart.bucket.open();
    expect(await keys(used)).toEqual([`disks/${MARKER}`, "holiday.jpg"]);
  },
);

minioTest("what a killed probe left is nobody's", async ({ bucket, minio }) => {
  await bucket.client.putObject(bucket.name, `probe/${randomUUID()}.3`, "…");
  await using used = s3Bucket(minio, { bucket: bucket.name });
  await used.bucket.open();
});

const marked = ({ client, name }: TestBucket, marker: string) => client.putObject(name, MARKER, marker);

minioTest("a bucket of a newer version is refused", async ({ bucket, minio }) => {
  await marked(bucket, JSON.stringify({ format: "pagurus", version: 2, id: "1", more: true }));
  await using used = s3Bucket(minio, { bucket: bucket.name });
  await expect(used.bucket.open()).rejects.toMatchObject({
    code: "bucket-newer",
    data: { bucket: bucket.name, version: 2, known: 1 },
  });
});

minioTest("a marker that says nothing is refused by name", async ({ bucket, minio }) => {
  await marked(bucket, '{"format": "something else"}');
  await using used = s3Bucket(minio, { bucket: bucket.name });
  await expect(used.bucket.open()).rejects.toMatchObject({
    code: "bucket-marker-unreadable",
    data: { location: `${minio.url}/${bucket.name}/${MARKER}` },
  });
});

minioTest(
  "a bucket that keeps versions is refused; one that kept them once isn't",
  async ({ bucket, minio }) => {
    await bucket.client.setBucketVersioning(bucket.name, { Status: "Enabled" });
    await using used = s3Bucket(minio, { bucket: bucket.name });
    await expect(used.bucket.open()).rejects.toMatchObject({
      code: "bucket-versioned",
      data: { bucket: bucket.name },
    });
    expect(await keys(used)).toEqual([]);
    await bucket.client.setBucketVersioning(bucket.name, { Status: "Suspended" });
    await used.bucket.open();
  },
);

minioTest("a bucket with object lock is refused", async ({ bucket, minio }) => {
  const name = `locked-${randomUUID()}`;
  await bucket.client.makeBucket(name, "us-east-1", { ObjectLocking: true });
  await using used = s3Bucket(minio, { bucket: name });
  await expect(used.bucket.open()).rejects.toMatchObject({ code: "bucket-locked", data: { bucket: name } });
  await bucket.client.removeBucket(name);
});

minioTest(
  "a bucket whose rules delete our objects is refused, naming the rule",
  async ({ bucket, minio }) => {
    const { client, name } = bucket;
    const rule = (id: string, prefix: string, more: object = { Expiration: { Days: 3 } }) => ({
      ID: id,
      Status: "Enabled",
      Filter: { Prefix: prefix },
      ...more,
    });
    const use = (rules: readonly ReturnType<typeof rule>[], prefix?: string) =>
      client.setBucketLifecycle(name, { Rule: [...rules] }).then(async () => {
        await using used = s3Bucket(minio, { bucket: name, ...(prefix === undefined ? {} : { prefix }) });
        await used.bucket.check();
      });
    const refusal = (id: string) => ({ code: "bucket-expires", data: { bucket: name, rule: id } });
    await expect(use([rule("all", "")])).rejects.toMatchObject(refusal("all"));
    await expect(use([rule("all", "")], "disks")).rejects.toMatchObject(refusal("all"));
    await expect(use([rule("other", "x/"), rule("part", "disks/logs")], "disks")).rejects.toMatchObject(
      refusal("part"),
    );
    await use([rule("other", "x/"), rule("near", "disks-of-others/")], "disks");
    await use([rule("old versions", "", { NoncurrentVersionExpiration: { NoncurrentDays: 1 } })]);
  },
);

test("a server that isn't there is waited for no longer than seconds", async () => {
  const server = await scriptedServer(() => undefined);
  await server[Symbol.asyncDispose]();
  await using used = s3Bucket(server, { bucket: "a-bucket" }, impatientClock());
  for (const ask of [() => used.bucket.open(), () => used.bucket.check()])
    await expect(ask()).rejects.toMatchObject({
      code: "datastore-unavailable",
      data: { datastore: "minio", reason: expect.stringContaining(server.url) },
    });
});

minioTest("a missing bucket is named, and not made", async ({ minio }) => {
  await using used = s3Bucket(minio, { bucket: "never-made" });
  await expect(used.bucket.open()).rejects.toMatchObject({
    code: "bucket-not-found",
    data: { bucket: "never-made" },
  });
});
