import { expect, test } from "vitest";
import type { Feature } from "../../acceptance/index.ts";
import type { ScenarioRow } from "../../catalog/index.ts";
import type { JsonObject } from "../../contract/index.ts";
import { RunAccount } from "./account.ts";

const scenario = (name: string, line: number, examples = 1) => ({
  name,
  line,
  examples,
  tags: [],
  steps: [],
});
const feature: Feature = {
  ...{ id: "conformance.store.keeping", kind: "conformance", name: "Keeping", description: "", tags: [] },
  hash: "abc",
  rules: [
    { name: "A rule", description: "", tags: [], scenarios: [scenario("one", 10, 3), scenario("two", 20)] },
  ],
};

const accountOf = (keep: (row: ScenarioRow) => Promise<void>) => {
  const progress: JsonObject[] = [];
  const events: JsonObject[] = [];
  const account = new RunAccount(
    [feature],
    { subject: "mine", seed: 7, version: "1.0.0", job: "job-1" },
    {
      expected: 0,
      now: () => 5,
      keep,
      progress: (given) => progress.push(given),
      publish: ({ data }) => events.push(data),
    },
  );
  return { account, progress, events };
};
const file = "../../elsewhere/features/conformance/store/keeping.feature";

test("a scenario's examples are one row, which says what failed first", async () => {
  const rows: ScenarioRow[] = [];
  const { account, progress, events } = accountOf(async (row) => void rows.push(row));
  account.hear({ kind: "planned", scenarios: 4 });
  const end = (line: number, verdict: "passed" | "failed" | "skipped", message?: string) =>
    account.hear({
      kind: "scenario",
      end: { file, line, verdict, ...(message !== undefined && { message }) },
    });
  end(10, "skipped", "it needs room");
  end(10, "failed", "byte 0 is 0, was 7");
  end(20, "passed");
  end(10, "failed", "byte 1 is 0, was 7");
  await account.kept();
  expect(rows.at(-1)).toEqual({
    ...{ subject: "mine", feature: "conformance.store.keeping", rule: "A rule", scenario: "one" },
    ...{ passed: 0, failed: 2, skipped: 1, message: "byte 0 is 0, was 7", seed: 7 },
    ...{ version: "1.0.0", featureHash: "abc", job: "job-1", at: 5 },
  });
  expect(account.counts).toEqual({ passed: 1, failed: 2, skipped: 1 });
  expect(account.first).toBe("one: byte 0 is 0, was 7");
  expect(progress.map(({ percent }) => percent)).toEqual([25, 50, 75, 100]);
  expect(events.map(({ scenario: name, verdict }) => [name, verdict])).toEqual([
    ["one", "skipped"],
    ["one", "failed"],
    ["two", "passed"],
    ["one", "failed"],
  ]);
});

test("a result that the catalog did not take is the run's failure, and no later one is kept before it", async () => {
  const kept: string[] = [];
  const { account } = accountOf(async ({ scenario: name }) => {
    if (name === "one") throw new Error("no catalog");
    kept.push(name);
  });
  for (const line of [10, 20]) account.hear({ kind: "scenario", end: { file, line, verdict: "passed" } });
  await expect(account.kept()).rejects.toThrow("no catalog");
  expect(kept).toEqual([]);
});
