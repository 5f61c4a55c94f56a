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
  problems: [],
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
  await lostCoverage(path, { subjects: [subject(whole)] }, true);
  expect(await lostCoverage(path, { subjects: [subject(whole)] }, false)).toEqual([]);
  expect(await lostCoverage(path, { subjects: [subject([...whole, result("passed")])] }, false)).toEqual([]);
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
  await lostCoverage(path, { subjects: [subject(whole)] }, true);
  const [told = ""] = await lostCoverage(path, { subjects: [subject(results)] }, false);
  for (const part of ["datastores.fast (datastore)", path, loss, "--renew-coverage"])
    expect(told).toContain(part);
});

test("a subject that the file says nothing of is told, and renewing leaves the others alone", async () => {
  await lostCoverage(path, { subjects: [subject(whole)] }, true);
  const other = { ...subject(whole), name: "datastores.slow", plugin: "slow" };
  expect(await lostCoverage(path, { subjects: [other] }, false)).toEqual([
    expect.stringContaining("nothing is said of it"),
  ]);
  await lostCoverage(path, { subjects: [other] }, true);
  expect(Object.keys(JSON.parse(await readFile(path, "utf8")))).toEqual([
    "datastores.fast (datastore)",
    "datastores.slow (datastore)",
  ]);
});

test("a subject that isn't put to the test any more, though its plugin is, is told until the file is renewed", async () => {
  const [one, other] = [subject(whole), { ...subject(whole), name: "datastores.slow" }];
  const configFile = "/once/pagurus.yaml";
  await lostCoverage(path, { subjects: [one, other], configFile }, true);
  const left = { subjects: [one], configFile: "/again/pagurus.yaml" };
  expect(await lostCoverage(path, left, false)).toEqual([
    expect.stringMatching(/^datastores\.slow \(datastore\): .* at all any more.*--renew-coverage/),
  ]);
  await lostCoverage(path, left, true);
  expect(Object.keys(JSON.parse(await readFile(path, "utf8")))).toEqual(["datastores.fast (datastore)"]);
});

test("instances of one name in two configuration files of one name are kept apart, in whatever order they come", async () => {
  const left = { subjects: [subject(whole)], configFile: "left/pagurus.yaml" };
  const right = { subjects: [subject([sparse])], configFile: join(process.cwd(), "right/pagurus.yaml") };
  const named = { subjects: [subject([...whole, sparse])] };
  for (const tried of [left, right, named]) await lostCoverage(path, tried, true);
  const { ["datastores.fast (datastore)"]: first, ...others } = JSON.parse(await readFile(path, "utf8"));
  expect(first).toMatchObject({ file: "left/pagurus.yaml", ran: 3 });
  expect(others).toMatchObject({
    "datastores.fast (datastore) in right/pagurus.yaml": { file: "right/pagurus.yaml", ran: 1 },
    "datastores.fast (datastore) named by itself": { ran: 4 },
  });
  for (const tried of [named, right, left]) expect(await lostCoverage(path, tried, false)).toEqual([]);
  const less = { ...right, subjects: [subject([result("skipped")])], point: "datastore" };
  expect(await lostCoverage(path, less, false)).toEqual([
    expect.stringMatching(/^datastores\.fast \(datastore\) in right.*0 of its scenarios ran, 1 did before/),
  ]);
});

test("what has a key with its file keeps it when the other file's is gone", async () => {
  const [left, right] = ["left", "right"].map((folder) => ({
    ...{ subjects: [subject(whole)], configFile: `${folder}/pagurus.yaml`, point: "datastore" },
  }));
  if (!left || !right) throw new Error("there are two");
  for (const tried of [left, right]) await lostCoverage(path, tried, true);
  const other = { ...subject(whole), name: "datastores.slow" };
  await lostCoverage(path, { ...left, subjects: [other] }, true);
  expect(await lostCoverage(path, right, false)).toEqual([]);
  expect(await lostCoverage(path, { ...right, subjects: [other] }, false)).toEqual([
    expect.stringContaining("nothing is said of it"),
    expect.stringContaining("at all any more"),
  ]);
});

test.each<[string, Parameters<typeof lostCoverage>[1]]>([
  ["another plugin", { subjects: [{ ...subject(whole), plugin: "other" }] }],
  ["another configuration", { subjects: [subject(whole)], configFile: "other.yaml" }],
  ["another point", { subjects: [{ ...subject(whole), point: "catalog" }], point: "catalog" }],
])("a run of %s says nothing of a subject that it doesn't have", async (_what, tried) => {
  const pinned = { ...subject(whole), name: "pinned" };
  await lostCoverage(path, { subjects: [pinned] }, true);
  await lostCoverage(path, tried, true);
  expect(await lostCoverage(path, tried, false)).toEqual([]);
  expect(Object.keys(JSON.parse(await readFile(path, "utf8")))).toContain("pinned (datastore)");
});

test("a file that is no such file is refused", async () => {
  await writeFile(path, '{"datastores.fast (datastore)": 7}');
  await expect(lostCoverage(path, { subjects: [subject(whole)] }, false)).rejects.toMatchObject({
    code: "usage-invalid",
    data: {
      problem: expect.stringMatching(/coverage\.json .* isn't what --renew-coverage writes: `datastores/),
    },
  });
});
