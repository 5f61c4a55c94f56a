import { expect, test } from "vitest";
import { Prices } from "./config.ts";
import { estimatedPrice, meteredCounts, Tally } from "./tally.ts";
import { recordingMetrics } from "./testing/services.ts";

test("an estimate is what requests and bytes cost", () => {
  const tally = new Tally();
  for (let puts = 0; puts < 2000; puts++) tally.requested("put", 2 ** 20);
  tally.requested("list", 0);
  tally.received(2 ** 29);
  const prices = Prices.parse({ putPer1000: 0.005, listPer1000: 1, sentPerGiB: 0.01, receivedPerGiB: 0.09 });
  expect(estimatedPrice(tally.counts, prices)).toBeCloseTo(
    2 * 0.005 + 0.001 + (2000 / 1024) * 0.01 + 0.5 * 0.09,
    9,
  );
});

test("metrics count the same", () => {
  const { metrics, values } = recordingMetrics();
  const counts = meteredCounts(metrics, "minio");
  counts.requested("put", 100);
  counts.requested("get", 0);
  counts.received(11);
  expect(Object.fromEntries(values)).toEqual({
    pagurus_bucket_requests_total: 2,
    pagurus_bucket_bytes_total: 111,
  });
});
