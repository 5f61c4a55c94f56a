import { expect, test } from "vitest";
import { usageOfAll, usageSince } from "./store-usage.ts";

const usage = (put: number, get: number, amount?: number, currency = "USD") => ({
  requests: { put, get },
  bytesSent: put * 100,
  bytesReceived: get * 10,
  price: amount === undefined ? null : { amount, currency },
});

test("what a job cost is what was asked for since it began", () => {
  expect(usageSince(usage(1, 2, 0.1), usage(4, 2, 0.3))).toEqual(usage(3, 0, 0.2));
});

test("what several cost is added up, and priced where that can be", () => {
  expect(usageOfAll([usage(1, 0, 0.1), usage(2, 5, 0.2)])).toEqual(usage(3, 5, 0.3));
  expect(usageOfAll([usage(1, 0, 0.1), usage(2, 5)])).toEqual(usage(3, 5));
  expect(usageOfAll([usage(1, 0, 0.1), usage(2, 5, 0.1, "EUR")])).toEqual(usage(3, 5));
  expect(usageOfAll([])).toBeUndefined();
});
