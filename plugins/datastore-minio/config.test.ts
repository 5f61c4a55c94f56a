import { describe, expect, test } from "vitest";
import { MinioConfig } from "./config.ts";

const least = {
  endpoint: "https://store.example:9000",
  bucket: "disks",
  accessKey: "somebody",
  secretKey: "a long secret",
};

test("the least is an address, a bucket and credentials", () => {
  expect(MinioConfig.parse(least)).toMatchObject({ ...least, region: "us-east-1", requestTimeoutMs: 10_000 });
});

describe("what can't be is refused at its key", () => {
  const wrong: readonly (readonly [string, string, unknown])[] = [
    ["an address without its protocol", "endpoint", "store.example:9000"],
    ["another protocol", "endpoint", "ftp://store.example"],
    ["an address with a path", "endpoint", "http://store.example/minio"],
    ["credentials in an address", "endpoint", "http://me:secret@store.example"],
    ["a bucket with capitals", "bucket", "Disks"],
    ["a bucket that looks like an address", "bucket", "192.168.0.1"],
    ["a bucket of two letters", "bucket", "ab"],
    ["a bucket with two dots", "bucket", "a..b"],
    ["a bucket that ends in a hyphen", "bucket", "disks-"],
    ["a prefix that leads upwards", "prefix", "a/../b"],
    ["a prefix with a slash at its end", "prefix", "a/"],
    ["a request's time as long as a guest's patience", "requestTimeoutMs", 30_000],
    ["a segment longer than 8 MiB", "segmentBytes", 16 * 2 ** 20],
  ];
  test.each(wrong)("%s", (_, key, value) => {
    const { error } = MinioConfig.safeParse({ ...least, [key]: value });
    expect(error?.issues.map(({ path }) => path)).toEqual([[key]]);
  });
});

test.each([
  ["none at all", {}],
  ["half of them", { accessKey: "somebody" }],
  ["two kinds of them", { accessKey: "somebody", secretKey: "a long secret", credentialsFile: "c.json" }],
])("credentials: %s", (_, credentials) => {
  const { endpoint, bucket } = least;
  const { error } = MinioConfig.safeParse({ endpoint, bucket, ...credentials });
  expect(error?.issues[0]?.message).toContain("credentialsFile");
});
