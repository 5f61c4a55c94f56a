import { expect, test } from "vitest";
import type { ScenarioRow } from "./scenario-table.ts";
import { scratchStore } from "./scratch-store.ts";

const row: ScenarioRow = {
  ...{ subject: "mine", feature: "conformance.datastore.layers", rule: "", scenario: "A round trip" },
  ...{ passed: 2, failed: 1, skipped: 0, message: "byte 0 is 0, was 7", seed: 2 ** 31 - 1 },
  ...{ version: "0.1.0", featureHash: "abc", job: "job-1", at: 2 ** 42 },
};

test("a scenario's last result replaces the one before, for its subject alone, and outlives the server", async () => {
  await using scratch = await scratchStore();
  const { scenarios } = scratch.store;
  const better = { ...row, failed: 0, message: null, job: "job-2" };
  const other = { ...row, subject: "theirs" };
  const elsewhere = { ...row, feature: "conformance.datastore.faults" };
  for (const each of [row, other, elsewhere, better]) await scenarios.keep(each);
  const reopened = (await scratch.reopen()).scenarios;
  expect(await reopened.list({ feature: row.feature })).toEqual([better, other]);
  expect(await reopened.list()).toHaveLength(3);
});

test("scenarios of one name under two rules are two", async () => {
  await using scratch = await scratchStore();
  const { scenarios } = scratch.store;
  await scenarios.keep(row);
  await scenarios.keep({ ...row, rule: "What is flushed is durable" });
  expect(await scenarios.list({ feature: row.feature })).toHaveLength(2);
});
