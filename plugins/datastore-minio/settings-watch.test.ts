import { setImmediate } from "node:timers/promises";
import { CodedError } from "pagurus";
import { FakeClock } from "pagurus/testing";
import { expect, test } from "vitest";
import { SettingsWatch } from "./settings-watch.ts";
import { recordingLog } from "./testing/services.ts";

const versioned = () =>
  new CodedError("bucket-versioned", { bucket: "disks", endpoint: "https://minio.example" });

/** A watch over a bucket whose answer a test decides on. */
const watched = () => {
  const { log, lines } = recordingLog();
  const asked: unknown[] = [];
  const bucket = { answer: async (): Promise<void> => undefined };
  const check = (options?: { readonly brief?: boolean }) => {
    asked.push(options);
    return bucket.answer();
  };
  const clock = new FakeClock();
  const watch = new SettingsWatch({ datastore: "vault", bucket: { check }, log, clock });
  const look = async () => {
    watch.look();
    await setImmediate();
  };
  const lookLater = (ms: number) => {
    clock.advance(ms);
    return look();
  };
  return { watch, look, lookLater, bucket, asked, lines };
};

test("a sound bucket is looked at once an hour, by its settings alone", async () => {
  const { watch, look, lookLater, bucket, asked, lines } = watched();
  await look();
  await lookLater(3_599_999);
  expect(asked).toEqual([{ brief: true }]);
  expect([watch.concern, lines]).toEqual([undefined, []]);
  bucket.answer = () => Promise.reject(versioned());
  await lookLater(1);
  expect(watch.concern?.code).toBe("bucket-versioned");
});

test("a look that ends after a later one counts no more", async () => {
  const { watch, look, bucket } = watched();
  let fail = (_: Error) => {};
  bucket.answer = () => new Promise((_, reject) => (fail = reject));
  await look();
  bucket.answer = async () => undefined;
  await watch.check({ brief: false });
  fail(versioned());
  await setImmediate();
  expect(watch.concern).toBeUndefined();
});

test("a bucket that came to keep versions is told once, with what to do, until it doesn't any more", async () => {
  const { watch, look, lookLater, bucket, lines } = watched();
  bucket.answer = () => Promise.reject(versioned());
  await look();
  await lookLater(10_000);
  const concern = {
    code: "bucket-versioned",
    since: expect.any(String),
    problem: expect.stringContaining("The bucket disks at https://minio.example keeps former versions"),
    remedy: expect.stringContaining("mc version suspend"),
  };
  expect(watch.concern).toEqual(concern);
  expect(lines).toEqual([
    { level: "error", message: expect.any(String), data: { datastore: "vault", ...concern } },
  ]);
  bucket.answer = async () => undefined;
  await lookLater(10_000);
  expect(watch.concern).toBeUndefined();
  expect(lines).toMatchObject([{ level: "error" }, { level: "info" }]);
});

test("what can't be seen is no concern, and is looked at again", async () => {
  const { watch, look, lookLater, bucket, asked } = watched();
  bucket.answer = () =>
    Promise.reject(new CodedError("datastore-unavailable", { datastore: "vault", reason: "gone" }));
  await look();
  expect(watch.concern).toBeUndefined();
  bucket.answer = () => Promise.reject(versioned());
  await look();
  await lookLater(10_000);
  expect(watch.concern?.code).toBe("bucket-versioned");
  expect(asked).toHaveLength(2);
});

test("whoever checks the datastore is refused, and that is a look too", async () => {
  const { watch, bucket } = watched();
  bucket.answer = () => Promise.reject(versioned());
  await expect(watch.check({ brief: false })).rejects.toMatchObject({ code: "bucket-versioned" });
  expect(watch.concern?.code).toBe("bucket-versioned");
  bucket.answer = async () => undefined;
  await watch.check({ brief: true });
  expect(watch.concern).toBeUndefined();
});
