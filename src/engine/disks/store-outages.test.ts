import { expect, test } from "vitest";
import { StoreOutages } from "./store-outages.ts";

const since = "2026-01-01T00:00:00.000Z";
const outage = { since, reason: "nothing came for 10000 ms", waiting: 1 };

const heard = () => {
  const published: { type: string; data?: object }[] = [];
  let answers = 0;
  const outages = new StoreOutages({
    publish: (event) => void published.push(event),
    now: () => Date.parse(since) + 7000,
    answered: () => void answers++,
  });
  return { outages, published, answers: () => answers };
};

test("a store that doesn't answer is told once for all threads, and so is its recovery", () => {
  const { outages, published, answers } = heard();
  outages.hear(0, "vault", outage);
  outages.hear(1, "vault", outage);
  outages.hear(0, "vault", null);
  expect(answers()).toBe(0);
  expect(published.map(({ type }) => type)).toEqual(["datastore.unavailable"]);
  outages.hear(1, "vault", null);
  expect(answers()).toBe(1);
  expect(published).toEqual([
    {
      type: "datastore.unavailable",
      data: { datastore: "vault", since, code: "datastore-unavailable", reason: outage.reason },
    },
    { type: "datastore.recovered", data: { datastore: "vault", since, outageMs: 7000 } },
  ]);
});

test("a thread that ends waits for nothing any more, and a store that answered needs no recovery", () => {
  const { outages, published } = heard();
  outages.hear(0, "vault", null);
  expect(published).toEqual([]);
  outages.hear(0, "vault", outage);
  outages.lost(0);
  outages.lost(0);
  expect(published.map(({ type }) => type)).toEqual(["datastore.unavailable", "datastore.recovered"]);
});
