import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Envelope } from "@cucumber/messages";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type Conformance,
  conform,
  htmlFile,
  jsonFile,
  junitFile,
  ndjsonFile,
  silent,
  terminal,
} from "./index.ts";

/** Sound but in one rule. */
const broken = fileURLToPath(new URL("./broken/hash-function/digest-ends.ts", import.meta.url));
const tags = "@rule:digest-ends or @rule:digests-are-separate or @rule:parts-are-the-whole";
const seed = 4711;

let folder = "";
let conformance: Conformance;
let shown = "";
const written = (name: string): Promise<string> => readFile(join(folder, name), "utf8");

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "conform-"));
  const file = (name: string) => join(folder, name);
  conformance = await conform({
    plugins: ["hash-xxh64", broken],
    tags,
    seed,
    parallel: 2,
    report: [
      terminal({ write: (text) => (shown += text) }),
      jsonFile(file("report.json")),
      ndjsonFile(file("messages.ndjson")),
      junitFile(file("junit.xml")),
      htmlFile(file("report.html")),
    ],
  });
}, 300_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

const title = "A digest that has ended refuses";
const scenario = "Nothing is added to a signature that was given, and it isn't given twice";

test("each subject has its own results, and one rule of the broken one fails", () => {
  const [sound, other] = conformance.subjects;
  expect(sound).toMatchObject({ name: "hash-xxh64", point: "hash-function", failed: 0 });
  expect(sound?.coverage).toMatchObject({ ran: 4, of: 4 });
  expect(other).toMatchObject({ name: "broken-hash", specifier: broken, failed: 1 });
  const failed = other?.results.filter(({ verdict }) => verdict === "failed");
  expect(failed).toMatchObject([
    { name: scenario, rule: { name: "digest-ends", title }, seed, step: expect.stringMatching(/^Then /) },
  ]);
  expect(conformance).toMatchObject({ ok: false, seed, failed: 1 });
});

test("people are told what failed in the words of the feature, and the command that repeats it", () => {
  const [failure = ""] = conformance.failures;
  for (const part of [
    "broken-hash (hash-function)",
    title,
    "@rule:digest-ends",
    scenario,
    `pagurus conform ${broken} --point hash-function --tags @rule:digest-ends --seed ${seed}`,
  ])
    expect(failure).toContain(part);
  expect(shown).toContain(failure);
  expect(shown).toMatch(/\n\d+ passed, 1 failed, 0 skipped\n$/);
});

test("what several processes told is one stream, in which everything that is named was announced once", async () => {
  const envelopes = (await written("messages.ndjson"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Envelope);
  const all = <K extends keyof Envelope>(kind: K) => envelopes.flatMap((envelope) => envelope[kind] ?? []);
  const uris = all("gherkinDocument").map(({ uri }) => uri);
  expect(new Set(uris).size).toBe(uris.length);
  expect(new Set(uris.map((uri) => uri?.split("/features/")[0]))).toEqual(
    new Set(["hash-xxh64/hash-function", "broken-hash/hash-function"]),
  );
  const pickles = new Set(all("pickle").map(({ id }) => id));
  const cases = new Map(all("testCase").map((one) => [one.id, one]));
  const definitions = new Set(all("stepDefinition").map(({ id }) => id));
  for (const { testCaseId } of all("testCaseStarted")) {
    const found = cases.get(testCaseId);
    expect(pickles).toContain(found?.pickleId);
    for (const { stepDefinitionIds = [] } of found?.testSteps ?? [])
      for (const id of stepDefinitionIds) expect(definitions).toContain(id);
  }
  expect(all("testCaseStarted")).toHaveLength(conformance.results.length);
  expect([all("meta").length, all("testRunStarted").length, all("testRunFinished").length]).toEqual([
    1, 1, 1,
  ]);
});

test("each report says what failed, of which kit and of which features", async () => {
  const { kit, passed } = conformance;
  const json = JSON.parse(await written("report.json")) as Conformance;
  expect(json).toMatchObject({ kit, seed, passed, failed: 1, ok: false });
  expect(kit.features).toMatch(/^sha256:[0-9a-f]{64}$/);
  const junit = await written("junit.xml");
  expect(junit).toContain(`tests="${passed + 1}" skipped="0" failures="1"`);
  expect(junit).toContain('classname="broken-hash/hash-function: ');
  const html = await written("report.html");
  for (const part of [kit.version, kit.features, title, "@rule:digest-ends", scenario.replace("'", "'")])
    expect(html).toContain(part);
  const [meta = ""] = (await written("messages.ndjson")).split("\n");
  expect(meta).toContain(`"${kit.version}+${kit.features.replace(":", ".")}"`);
  for (const report of [junit, html]) expect(report).toContain(kit.features);
  const repeat = `pagurus conform ${broken} --point hash-function --tags @rule:digest-ends --seed ${seed}`;
  expect(json.subjects.flatMap(({ results }) => results.flatMap((one) => one.repeat ?? []))).toEqual([
    repeat,
  ]);
  const [, failure = ""] = /<failure[^>]*>([^<]*)/.exec(junit) ?? [];
  for (const part of [title, "@rule:digest-ends", repeat]) expect(failure).toContain(part);
  expect(html).toContain(`<code>${repeat}</code>`);
  expect(html).not.toMatch(/(src|href)=/);
});

test("reports say when the run began and how long each phase of a plugin took, where that was seen", async () => {
  const { beganAt, durationMs } = JSON.parse(await written("report.json")) as Conformance;
  expect(new Date(beganAt).toISOString()).toBe(beganAt);
  expect(Math.abs(Date.now() - Date.parse(beganAt) - durationMs)).toBeLessThan(120_000);
  const [sound] = conformance.subjects;
  const phases = sound?.results.filter(({ tags: given }) => given.includes("@plugin")) ?? [];
  const [loading] = phases;
  expect(loading).toMatchObject({ name: "Its module is a plugin" });
  expect(loading?.durationMs).toBeGreaterThan(0);
  expect(durationMs).toBeGreaterThan(phases.reduce((sum, one) => sum + one.durationMs, 0));
  const html = await written("report.html");
  expect(html).toContain(`Begun at <time datetime="${beganAt}">`);
  expect(html).toContain(`Its module is a plugin <small>${loading?.durationMs} ms</small>`);
  expect(html).not.toContain("<small>0 ms</small>");
  expect(await written("junit.xml")).toContain(
    `timestamp="${beganAt}" time="${(durationMs / 1000).toFixed(3)}"`,
  );
});

test("a row of examples is told with its values and its line, and its line runs it alone", async () => {
  const feature = "features/conformance/datastore/edges.feature";
  const line =
    (await readFile(feature, "utf8")).split("\n").findIndex((text) => /\| 1536 B +\|/.test(text)) + 1;
  const store = fileURLToPath(new URL("./broken/datastore/odd-end-is-kept.ts", import.meta.url));
  const { results, failures } = await conform({
    plugins: [store],
    features: [`${feature}:${line}`],
    report: [junitFile(join(folder, "rows.xml")), htmlFile(join(folder, "rows.html")), silent],
  });
  const rows = results.filter(({ where }) => where.startsWith(feature));
  const name = "The end of a layer of any length";
  expect(rows).toMatchObject([{ name, where: `${feature}:${line}`, verdict: "failed" }]);
  const told = `${name} (size: 1536 B, last: 1024 B)`;
  for (const text of [...failures, await written("rows.xml"), await written("rows.html")])
    expect(text).toContain(told);
}, 300_000);

test("a store that can't be used is one failure, which says what to do", async () => {
  const { failures, subjects } = await conform({
    plugins: ["datastore-local"],
    config: { root: join(folder, "missing") },
    report: silent,
  });
  expect(failures).toEqual([
    expect.stringMatching(/It starts\s.*storage can't be used: .*missing is missing; make it reachable/s),
  ]);
  expect(subjects).toMatchObject([{ failed: 1, problems: [], coverage: { ran: 0 } }]);
}, 300_000);

test.each([
  [
    { coverageFile: "/nowhere/coverage.json" },
    "coverage.json can't be read: it is missing; --renew-coverage",
  ],
  [{ coverageFile: "package.json" }, "it isn't what --renew-coverage writes: `name`"],
  [{ coverageFile: "/nowhere/coverage.json", renewCoverage: true }, "make the folder /nowhere first"],
  [{ renewCoverage: true }, "Name the file with --coverage"],
  [{ report: jsonFile("/nowhere/x.json") }, "make the folder /nowhere first"],
  [{ report: junitFile("src") }, "it is a folder"],
  [{ report: ndjsonFile("package.json/x") }, "package.json/x can't be written"],
  [{ report: htmlFile("") }, "it is a folder"],
])("what could not be read or written at the end is told before the run: %j", async (options, problem) => {
  const loaded: string[] = [];
  const subject = { subject: ({ name }: { readonly name: string }) => void loaded.push(name) };
  const report = [subject, ...("report" in options ? [options.report] : [])];
  await expect(conform({ plugins: ["hash-sha256"], ...options, report })).rejects.toMatchObject({
    code: "usage-invalid",
    data: { problem: expect.stringContaining(problem) },
  });
  expect(loaded).toEqual([]);
});

test("a run in which nothing was put to the test fails", async () => {
  const { ok, failed } = await conform({ plugins: ["hash-xxh64"], tags: "@nothing", report: silent });
  expect({ ok, failed }).toEqual({ ok: false, failed: 0 });
}, 300_000);

test("with bail nothing is run after the first failure", async () => {
  const { subjects, ok } = await conform({
    plugins: [broken, "hash-xxh64"],
    tags,
    bail: true,
    parallel: 1,
    report: silent,
  });
  expect(subjects.map(({ name }) => name)).toEqual(["broken-hash"]);
  expect(ok).toBe(false);
}, 300_000);

test.each([
  [{}, "nothing to put to the test"],
  [{ plugins: ["a", "b"], config: {} }, "several plugins"],
  [{ plugins: ["a"], point: "datastor" }, "no features for datastor, but for"],
  [{ plugins: ["a"], parallel: 0 }, "At least one process"],
  [{ plugins: ["a"], seed: -1 }, "A seed is a number"],
  [{ plugins: ["a"], tags: "@rule:a and" }, "Expected operand"],
])("%j is refused", async (options, problem) => {
  await expect(conform({ ...options, report: silent })).rejects.toMatchObject({
    code: "usage-invalid",
    data: { problem: expect.stringContaining(problem) },
  });
});
