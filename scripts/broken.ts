/**
 * `npm run broken [-- --write] [--thorough] [<point>[/<rule>] …]`: runs the conformance features of each point against
 * every broken plugin of it. Each must be caught by its own rule, and by nothing else but what it declares; every rule
 * must have one. Scenarios with processes of their own (`@spawn`) cost seconds each: of other rules than the plugin's own
 * they are tried with `--thorough` only. Without names all plugins are tried, and docs/broken-plugins.md must tell what was
 * seen; `--write` renews it.
 */
import { readFile, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { conform, countsText, type ScenarioResult, silent } from "../src/conformance/index.ts";
import { type BrokenPlugin, brokenPlugins } from "./broken/broken-plugin.ts";
import { type PointVerdicts, pageOf } from "./broken/page.ts";
import { neverAlone, rulesWithout, type Verdict, verdictOf } from "./broken/verdict.ts";

const PAGE = "docs/broken-plugins.md";
/** The same every time: what a broken plugin fails must not depend on luck. */
const SEED = 1;

const names = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const write = process.argv.includes("--write");
const thorough = process.argv.includes("--thorough");
const plugins = await brokenPlugins(names);
const all = names.length === 0;

const verdicts: Verdict[] = [];
const scenariosOf = new Map<string, Map<string, ScenarioResult>>();
const say = (line: string) => process.stdout.write(`${line}\n`);

const tryOne = async (plugin: BrokenPlugin): Promise<void> => {
  const began = Date.now();
  const conformance = await conform({
    plugins: [`./${plugin.path}`],
    config: plugin.config,
    point: plugin.point,
    seed: SEED,
    ...(thorough ? {} : { tags: `not @spawn or @rule:${plugin.rule}` }),
    parallel: 1,
    report: silent,
  });
  // What the kit does with every plugin is no rule of a point.
  const results = conformance.results.filter(({ tags }) => !tags.includes("@plugin"));
  const verdict = verdictOf(plugin, results);
  verdicts.push(verdict);
  const seen = scenariosOf.get(plugin.point) ?? new Map<string, ScenarioResult>();
  scenariosOf.set(plugin.point, seen);
  for (const result of results) seen.set(`${result.where} ${result.name}`, result);
  const seconds = ((Date.now() - began) / 1000).toFixed(1);
  const good = verdict.problems.length === 0;
  say(`${good ? "caught" : "WRONG "} ${plugin.path} in ${seconds} s by ${verdict.caughtBy.length} scenarios`);
  for (const problem of verdict.problems) say(`         ${problem}`);
};

const waiting = [...plugins];
const worker = async () => {
  for (let next = waiting.shift(); next; next = waiting.shift()) await tryOne(next);
};
await Promise.all(Array.from({ length: availableParallelism() }, worker));

const points: readonly PointVerdicts[] = [...scenariosOf.keys()].sort().map((point) => ({
  point,
  scenarios: [...(scenariosOf.get(point)?.values() ?? [])],
  verdicts: verdicts
    .filter(({ plugin }) => plugin.point === point)
    .sort((a, b) => a.plugin.path.localeCompare(b.plugin.path)),
}));
let failed = verdicts.filter(({ problems }) => problems.length > 0).length;
const fail = (line: string) => {
  failed++;
  say(line);
};

if (all)
  for (const { point, verdicts: ofPoint, scenarios } of points) {
    for (const rule of await rulesWithout(point, ofPoint)) fail(`no broken plugin for ${point}/${rule}`);
    for (const { name, where } of neverAlone(ofPoint, scenarios))
      say(`no broken plugin fails “${name}” alone (${where})`);
  }
if (all && write) await writeFile(PAGE, pageOf(points));
else if (all && (await readFile(PAGE, "utf8").catch(() => "")) !== pageOf(points))
  fail(`${PAGE} tells something else: npm run broken -- --write`);
if (plugins.length === 0) fail(`there is no broken plugin ${names.join(", ")}`);

say(
  countsText({
    passed: verdicts.length - verdicts.filter(({ problems }) => problems.length > 0).length,
    failed,
    skipped: 0,
  }),
);
process.exit(failed > 0 ? 1 : 0);
