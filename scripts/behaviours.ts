/**
 * `npm run behaviours`: says which behaviours of the six techniques are shown by a scenario or a unit test, and why
 * each other one isn't. Fails where list, tags and tests disagree.
 */
import { readFileSync } from "node:fs";
import { PassThrough } from "node:stream";
import { loadConfiguration, runCucumber } from "@cucumber/cucumber/api";
import { crashPoints } from "pagurus/engine";
import { parse } from "yaml";
import { z } from "zod";
import { countsText } from "../src/conformance/tally.ts";

const Behaviour = z.union([
  z.string().transform((is) => ({ is, unit: undefined, reason: undefined })),
  z.strictObject({ is: z.string(), unit: z.string().optional(), reason: z.string().optional() }),
]);
const Techniques = z.array(
  z.strictObject({
    technique: z.string(),
    patent: z.string(),
    reason: z.string().optional(),
    behaviours: z.record(z.string().regex(/^(I-)?[MPFSCO]-?\d+$/), Behaviour),
  }),
);

/** Tags that mean something; any other one is a slip of the pen. */
const knownTags =
  /^@(catalog|datastore|disk-export|error-sink|function|hash-function|migration-strategy|disk-threads|large|model|plugin|spawn|needs:(fio|guest|python-libnbd|qemu|qemu-extended|minio|docker|chromium|postgresql|libnbd|mounts)|(capability|without|rule|phase):[a-z0-9-]+)$/;
const idTag = /^@((?:I-)?[A-Z]-?\d+)$/;

/** Every tag of every scenario, with where it stands, and every step; nothing is executed. */
const readFeatures = async () => {
  const environment = { stdout: new PassThrough().resume(), stderr: process.stderr };
  const { runConfiguration } = await loadConfiguration(
    { file: false, provided: { paths: ["features/**/*.feature"], dryRun: true } },
    environment,
  );
  const whereOfTag = new Map<string, string[]>();
  const steps = new Set<string>();
  const support = { requireModules: [], requirePaths: [], importPaths: [], loaders: [] };
  await runCucumber({ ...runConfiguration, support }, environment, ({ pickle, parseError }) => {
    if (parseError) whereOfTag.set(`unreadable: ${parseError.message}`, [parseError.source.uri ?? ""]);
    for (const { text } of pickle?.steps ?? []) steps.add(text);
    for (const { name } of pickle?.tags ?? [])
      whereOfTag.set(name, [...(whereOfTag.get(name) ?? []), `${pickle?.uri} “${pickle?.name}”`]);
  });
  return { whereOfTag, steps: [...steps] };
};

const mentions = (file: string, id: string): boolean => {
  try {
    return new RegExp(`(?<![\\w-])${id}(?!\\d)`).test(readFileSync(file, "utf8"));
  } catch {
    return false;
  }
};

const techniques = Techniques.parse(parse(readFileSync("features/behaviours.yaml", "utf8")));
const { whereOfTag, steps } = await readFeatures();
const problems: string[] = [];
const uncovered: string[] = [];
const ids = new Set<string>();
let covered = 0;

for (const { technique, reason: common, behaviours } of techniques) {
  let waiting = 0;
  for (const [id, { is, unit, reason }] of Object.entries(behaviours)) {
    if (ids.has(id)) problems.push(`${id} is listed twice`);
    ids.add(id);
    const scenarios = whereOfTag.get(`@${id}`) ?? [];
    const claims = [scenarios.length > 0, unit !== undefined, reason !== undefined].filter(Boolean).length;
    if (claims > 1) problems.push(`${id} has more than one of scenario, unit test and reason: keep one`);
    else if (unit !== undefined && !mentions(unit, id)) problems.push(`${id} is not mentioned in ${unit}`);
    else if (claims === 0 && common === undefined)
      problems.push(`${id} has neither a scenario nor a unit test nor a reason: ${is}`);
    else if (scenarios.length > 0 || unit !== undefined) covered++;
    else if (reason !== undefined) uncovered.push(`  ${id} ${is}. ${reason}.`);
    else waiting++;
  }
  if (waiting > 0) uncovered.push(`  ${waiting} of ${technique}: ${common}.`);
  else if (common !== undefined)
    problems.push(`the reason of “${technique}” stands for no behaviour any more`);
}
for (const [tag, where] of whereOfTag) {
  const id = idTag.exec(tag)?.[1];
  if (id ? !ids.has(id) : !knownTags.test(tag)) problems.push(`${tag} is not known: ${where[0]}`);
}
// Each edge of a job's journal is killed at three points: a new one without its kills is a promise without a proof.
for (const { point } of crashPoints)
  if (!steps.some((step) => step.includes(`the server dies at "${point}"`)))
    problems.push(`no scenario kills the server at ${point}`);

process.stdout.write(
  `${covered} of ${ids.size} behaviours are shown by a scenario or a unit test. Not yet:\n`,
);
process.stdout.write(`${uncovered.join("\n")}\n`);
for (const problem of problems) process.stdout.write(`problem: ${problem}\n`);
const failed = problems.length;
process.stdout.write(`${countsText({ passed: failed > 0 ? 0 : 1, failed, skipped: 0 })}\n`);
process.exit(failed > 0 ? 1 : 0);
