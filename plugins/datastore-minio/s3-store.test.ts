import { setImmediate } from "node:timers/promises";
import { expect, onTestFinished, test, vi } from "vitest";
import { MinioConfig } from "./config.ts";
import { makeDatastore } from "./make-datastore.ts";
import { realClock } from "./testing/s3-bucket.ts";
import { recordingLog, recordingMetrics } from "./testing/services.ts";

vi.mock("minio", () => {
  throw new Error("it is gone");
});

test("a library that can't be loaded fails requests, and not the process that hasn't made any yet", async () => {
  const unhandled: unknown[] = [];
  const met = (error: unknown) => unhandled.push(error);
  process.on("unhandledRejection", met);
  onTestFinished(() => void process.off("unhandledRejection", met));
  const place = {
    endpoint: "http://127.0.0.1:1",
    accessKey: "access",
    secretKey: "secret-key",
    bucket: "disks",
  };
  const datastore = makeDatastore("vault", MinioConfig.parse(place), {
    clock: realClock,
    log: recordingLog().log,
    metrics: recordingMetrics().metrics,
  });
  // Long after the import has failed.
  await import("minio").catch(() => undefined);
  await setImmediate();
  await setImmediate();
  expect(unhandled).toEqual([]);
  await expect(datastore.check()).rejects.toThrow();
  await datastore.stop();
});
