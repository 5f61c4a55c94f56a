/**
 * `npm run broken [-- --write] [--thorough] [<point>[/<rule>] …]`: runs the conformance features of each point, and of
 * every plugin, against every broken plugin of it. Each must be caught by its own rule, and by nothing else but what it declares; every rule
 * must have one. Scenarios with processes of their own (`@spawn`) or thousands of layers (`@large`) cost seconds each: of
 * other rules than the plugin's own they are tried with `--thorough` only. Of points that are tried whole, and without
 * names all are, docs/broken-plugins.md must tell what was seen; `--write` renews it.
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { countsText, type ScenarioResult } from "../src/conformance/index.ts";
import { featuresOf } from "../src/conformance/kit.ts";
import { scenarioPlace } from "../src/conformance/tally.ts";
import { type BrokenPlugin, brokenPlugins } from "./broken/broken-plugin.ts";
import { GUEST, guestTrial } from "./broken/guest-trial.ts";
import { wrongReasons } from "./broken/never-alone.ts";
import { type PointVerdicts, pageWith } from "./broken/page.ts";
import { Trials } from "./broken/trials.ts";
import { rulesWithout, type Verdict, verdictOf } from "./broken/verdict.ts";
import { isRequired } from "./required.ts";

const usage = `npm run broken [-- [--write] [--thorough] [<point>[/<rule>] …]]

Puts the plugins that break a rule of the conformance features to the test: each must be caught by its rule.

  --write     renews docs/broken-plugins.md by what is seen
  --thorough  tries also scenarios of other rules that need processes of their own or thousands of layers
`;
const PAGE = "docs/broken-plugins.md";
/** The same every time: what a broken plugin fails must not depend on luck. */
const SEED = 1;

const { values: flags, positionals: names } = parseArgs({
  allowPositionals: true,
  options: {
    write: { type: "boolean" },
    thorough: { type: "boolean" },
    help: { type: "boolean", short: "h" },
  },
});
if (flags.help) {
  process.stdout.write(usage);
  process.exit();
}
const { write, thorough } = flags;
const plugins = await brokenPlugins(names);
const all = names.length === 0;

const verdicts: Verdict[] = [];
const scenariosOf = new Map<string, Map<string, ScenarioResult>>();
const say = (line: string) => process.stdout.write(`${line}\n`);

const folder = await mkdtemp(join(tmpdir(), "pagurus-broken-"));

const wordOf = ({ problems, notRun }: Verdict): string => {
  if (problems.length > 0) return "WRONG  ";
  return notRun === undefined ? "caught " : "not run";
};

/** The lines of `text` that `other` doesn't have. */
const linesNotIn = (other: string, text: string): readonly string[] => {
  const others = new Set(other.split("\n"));
  return text.split("\n").filter((line) => !others.has(line));
};

const tryOne = async (plugin: BrokenPlugin, trials: Trials): Promise<void> => {
  const began = Date.now();
  const { point, path, config, rule } = plugin;
  let caughtAfter = "";
  const time = ({ verdict }: ScenarioResult) => {
    if (verdict === "failed") caughtAfter ||= ` after ${((Date.now() - began) / 1000).toFixed(1)} s`;
  };
  const run = (tags: string) =>
    trials.run(
      {
        paths: [featuresOf(point)],
        tags,
        parameters: {
          plugin: `./${path}`,
          config,
          cwd: process.cwd(),
          point,
          seed: SEED,
          effort: 1,
          folder,
          prefix: "broken",
        },
      },
      time,
    );
  // First, as whoever writes a plugin would try a rule; the others must then leave it in peace.
  const ownThenOthers = async () => [
    ...(await run(`@rule:${rule}`)),
    ...(await run(`not @rule:${rule}${thorough ? "" : " and not (@spawn or @large)"}`)),
  ];
  const results = point === GUEST ? await guestTrial(plugin, SEED, time) : await ownThenOthers();
  const verdict = verdictOf(plugin, results);
  verdicts.push(verdict);
  const seen = scenariosOf.get(plugin.point) ?? new Map<string, ScenarioResult>();
  scenariosOf.set(plugin.point, seen);
  for (const result of results) seen.set(`${scenarioPlace(result)} ${result.name}`, result);
  say(
    `${wordOf(verdict)} ${plugin.path}${caughtAfter} by ${verdict.caughtBy.length} scenarios` +
      (verdict.notRun === undefined ? "" : `: ${verdict.notRun}`),
  );
  for (const problem of verdict.problems) say(`         ${problem}`);
};

const waiting = [...plugins];
const worker = async () => {
  const trials = new Trials();
  for (let next = waiting.shift(); next; next = waiting.shift()) await tryOne(next, trials);
  await trials.end();
};
await Promise.all(Array.from({ length: availableParallelism() }, worker));
await rm(folder, { recursive: true });

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

const untried = verdicts.filter(({ notRun }) => notRun !== undefined);
const canTryAll = ({ point }: PointVerdicts) => untried.every(({ plugin }) => plugin.point !== point);
const whole = points.filter((verdicts) => (all || names.includes(verdicts.point)) && canTryAll(verdicts));
for (const { point, verdicts: ofPoint, scenarios } of whole) {
  for (const rule of await rulesWithout(point, ofPoint)) fail(`no broken plugin for ${point}/${rule}`);
  for (const wrong of wrongReasons(point, ofPoint, scenarios)) fail(wrong);
}
if (whole.length > 0 && !thorough) {
  const known = await readFile(PAGE, "utf8").catch(() => "");
  const page = pageWith(all && untried.length === 0 ? "" : known, whole);
  if (write) await writeFile(PAGE, page);
  else if (page !== known) {
    fail(`${PAGE} tells something else: npm run broken -- --write`);
    for (const line of linesNotIn(known, page)) say(`  seen: ${line}`);
    for (const line of linesNotIn(page, known)) say(`  told: ${line}`);
  }
}
if (isRequired("strace")) for (const { plugin } of untried) fail(`${plugin.path} was not put to the test`);
if (plugins.length === 0) fail(`there is no broken plugin ${names.join(", ")}`);

say(
  countsText({
    passed: verdicts.filter(({ problems, notRun }) => problems.length === 0 && notRun === undefined).length,
    failed,
    skipped: untried.length,
  }),
);
process.exit(failed > 0 ? 1 : 0);
