import { expect } from "vitest";
import { minioTest } from "../../scripts/minio/vitest.ts";
import { Tally } from "./tally.ts";
import { s3Bucket } from "./testing/s3-bucket.ts";

const text = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString();
const all = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const got: T[] = [];
  for await (const item of items) got.push(item);
  return got;
};

minioTest("an object is made once, of its parts, and read whole and in ranges", async ({ bucket, minio }) => {
  await using used = s3Bucket(minio, { bucket: bucket.name });
  const { objects } = used;
  const put = (body: string) =>
    objects.put("a/b", [Buffer.from(body.slice(0, 2)), Buffer.from(body.slice(2))]);
  expect(await put("0123456789")).toBe("made");
  expect(await put("abcdefghij")).toBe("exists");
  expect(text(await objects.get("a/b"))).toBe("0123456789");
  expect(text(await objects.get("a/b", { offset: 3 }))).toBe("3456789");
  expect(text(await objects.get("a/b", { length: 3 }))).toBe("012");
  expect(text(await objects.get("a/b", { offset: 8, length: 5 }))).toBe("89");
  expect(text(await objects.get("a/b", { offset: 10, length: 5 }))).toBe("");
  expect(await objects.get("a/c")).toBeUndefined();
  expect(used.tally.counts).toEqual({
    requests: { put: 2, get: 6, list: 0, delete: 0, copy: 0 },
    bytesSent: 20,
    bytesReceived: 10 + 7 + 3 + 2,
  });
});

minioTest("an object of many slices arrives as it was", async ({ bucket, minio }) => {
  await using used = s3Bucket(minio, { bucket: bucket.name });
  const parts = Array.from({ length: 700 }, (_, index) => Buffer.alloc(4096 + (index % 3), index));
  const long = new Uint8Array(2 ** 20 + 7).fill(0xab);
  expect(await used.objects.put("big", [...parts, long])).toBe("made");
  expect((await used.objects.get("big"))?.equals(Buffer.concat([...parts, long]))).toBe(true);
});

minioTest("an empty object is an object", async ({ bucket, minio }) => {
  await using used = s3Bucket(minio, { bucket: bucket.name });
  expect(await used.objects.put("empty", [])).toBe("made");
  expect((await used.objects.get("empty"))?.byteLength).toBe(0);
});

minioTest("keys stay below the prefix, and others' keys out of sight", async ({ bucket, minio }) => {
  await using ours = s3Bucket(minio, { bucket: bucket.name, prefix: "team/one" });
  await using others = s3Bucket(minio, { bucket: bucket.name, prefix: "team/other" });
  await others.objects.put("x", [Buffer.from("theirs")]);
  await ours.objects.put("x", [Buffer.from("ours")]);
  expect(text(await ours.objects.get("x"))).toBe("ours");
  expect((await all(ours.objects.list(""))).map(({ key }) => key)).toEqual(["x"]);
  expect(ours.objects.location("x")).toBe(`${minio.url}/${bucket.name}/team/one/x`);
});

minioTest(
  "a list of several pages is whole, in order, and goes on after a key",
  async ({ bucket, minio }) => {
    await using used = s3Bucket(minio, { bucket: bucket.name });
    const keys = Array.from({ length: 1103 }, (_, index) => `n/${String(index).padStart(16, "0")}`);
    for (let at = 0; at < keys.length; at += 50)
      await Promise.all(keys.slice(at, at + 50).map((key) => used.objects.put(key, [Buffer.from("1")])));
    await used.objects.put("other", [Buffer.from("1")]);
    expect((await all(used.objects.list("n/"))).map(({ key }) => key)).toEqual(keys);
    const tail = await all(used.objects.list("n/", { after: keys[1099] ?? "" }));
    expect(tail.map(({ key }) => key)).toEqual(keys.slice(1100));
    expect(tail[0]?.sizeBytes).toBe(1);
    expect(Math.abs((tail[0]?.modifiedAt ?? 0) - Date.now())).toBeLessThan(3_600_000);
    await used.objects.remove([...keys, "never made"]);
    expect((await all(used.objects.list(""))).map(({ key }) => key)).toEqual(["other"]);
    expect(used.tally.counts.requests).toMatchObject({ list: 2 + 1 + 1, delete: 2 });
  },
);

minioTest("a copy is made inside the server", async ({ bucket, minio }) => {
  await using used = s3Bucket(minio, { bucket: bucket.name, prefix: "p" });
  await used.objects.put("from", [Buffer.from("content")]);
  expect(await used.objects.copy("from", "to")).toBe(true);
  expect(text(await used.objects.get("to"))).toBe("content");
  expect(await used.objects.copy("nothing", "to")).toBe(false);
  expect(used.tally.counts.bytesSent).toBe(7);
});

minioTest("what one user asks is counted for it as well", async ({ bucket, minio }) => {
  await using used = s3Bucket(minio, { bucket: bucket.name });
  const layer = new Tally();
  await used.objects.put("a", [Buffer.from("1")]);
  await used.objects.countedIn(layer).get("a");
  expect(layer.counts.requests).toMatchObject({ put: 0, get: 1 });
  expect(used.tally.counts.requests).toMatchObject({ put: 1, get: 1 });
});
