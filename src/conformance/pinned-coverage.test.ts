import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { SubjectResult } from "./conformance.ts";
import { coverageOf } from "./coverage.ts";
import { lostCoverage } from "./pinned-coverage.ts";
import type { ScenarioResult } from "./tally.ts";

const result = (
  verdict: ScenarioResult["verdict"],
  tags: readonly string[] = [],
  logs: readonly string[] = [],
): ScenarioResult => ({ name: "a", feature: "b", where: "c:1", tags, verdict, logs, durationMs: 1 });

const subject = (results: readonly ScenarioResult[]): SubjectResult => ({
  name: "datastores.fast",
  specifier: "./store.ts",
  plugin: "store",
  point: "datastore",
  passed: 0,
  failed: 0,
  skipped: 0,
  capabilities: {},
  coverage: coverageOf(results),
  results,
  durationMs: 1,
});

const sparse = result("passed", ["@capability:sparse"]);
const whole = [result("passed"), result("failed"), sparse];

let path = "";
beforeEach(async () => {
  path = join(await mkdtemp(join(tmpdir(), "pinned-")), "coverage.json");
});
afterEach(() => rm(path, { force: true }));

test("coverage counts what ran, by capability, and what the rest would need", () => {
  const results = [
    ...whole,
    result("skipped", ["@capability:sparse"], ["needs sparse"]),
    result("skipped", ["@without:resize"], ["needs it without resize"]),
    result("passed", [], ["durability: not proven, because nothing can trace it here"]),
  ];
  expect(coverageOf(results)).toEqual({
    ran: 4,
    of: 6,
    capabilities: { sparse: { ran: 1, of: 2 }, "without resize": { ran: 0, of: 1 } },
    needs: { sparse: 1, "it without resize": 1 },
    notProven: ["durability"],
  });
});

test("what was written down is found again, and more than that is welcome", async () => {
  await lostCoverage(path, [subject(whole)], true);
  expect(await lostCoverage(path, [subject(whole)], false)).toEqual([]);
  expect(await lostCoverage(path, [subject([...whole, result("passed")])], false)).toEqual([]);
});

test.each([
  ["a scenario that no longer runs", [result("passed"), sparse], "2 of its scenarios ran, 3 did before"],
  [
    "a capability that is no longer tried",
    [result("passed"), result("passed"), result("passed")],
    "0 for sparse, 1 before",
  ],
  [
    "what is no longer proven",
    [...whole, result("passed", [], ["durability: not proven, since it can't be traced"])],
    "durability is no longer proven",
  ],
])("%s is told, with how to renew the file", async (_what, results, loss) => {
  await lostCoverage(path, [subject(whole)], true);
  const [told = ""] = await lostCoverage(path, [subject(results)], false);
  for (const part of ["datastores.fast (datastore)", path, loss, "--renew-coverage"])
    expect(told).toContain(part);
});

test("a subject that the file says nothing of is told, and renewing leaves the others alone", async () => {
  await lostCoverage(path, [subject(whole)], true);
  const other = { ...subject(whole), name: "datastores.slow" };
  expect(await lostCoverage(path, [other], false)).toEqual([
    expect.stringContaining("nothing is said of it"),
  ]);
  await lostCoverage(path, [other], true);
  expect(Object.keys(JSON.parse(await readFile(path, "utf8")))).toEqual([
    "datastores.fast (datastore)",
    "datastores.slow (datastore)",
  ]);
});

test("a file that is no such file is refused", async () => {
  await writeFile(path, '{"datastores.fast (datastore)": 7}');
  await expect(lostCoverage(path, [subject(whole)], false)).rejects.toMatchObject({
    code: "config-unreadable",
    data: { path },
  });
});
