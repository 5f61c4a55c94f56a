import { randomBytes, randomInt, randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { type Envelope, version as protocolVersion, TimeConversion } from "@cucumber/messages";
import { parse as parseTags } from "@cucumber/tag-expressions";
import { CodedError, reasonOf } from "../contract/index.ts";
import type { Conformance, ConformOptions, Reporter, SubjectResult } from "./conformance.ts";
import { failureText, repeatCommand, subjectText } from "./failure-text.ts";
import { subjectsNamed } from "./find-subjects.ts";
import { type KitStamp, kitStamp, knownPoints } from "./kit.ts";
import { createMergedMessages } from "./merged-messages.ts";
import { usualDeadlines } from "./phases.ts";
import { demandCoverageFile, lostCoverage } from "./pinned-coverage.ts";
import { terminal } from "./reporters/terminal.ts";
import { together } from "./reporters/together.ts";
import { type RunFacts, SubjectRun } from "./run-subject.ts";
import type { Subject } from "./subject.ts";
import { subjectsInFile } from "./subjects-in-file.ts";
import { countsOf, isOfTheKit } from "./tally.ts";

/** How many times as much a thorough run does where it draws at random. */
const THOROUGH = 10;
/** Beyond it the processes of one subject wait for the disk more than for a core. */
const MOST_PARALLEL = 4;
const SEEDS = 2 ** 31;

const now = () => TimeConversion.millisecondsSinceEpochToTimestamp(Date.now());

/**
 * Runs the features of extension points against plugins, each in processes of its own: the features and steps that
 * this package ships, and no others. Whatever a plugin does wrong is a result; what rejects is wrong in the options.
 *
 * @example const { failures } = await conform({ plugins: ["./my-store.ts"], config: { root: "{tmp}" } });
 */
export const conform = async (options: ConformOptions): Promise<Conformance> => {
  demandSense(options);
  const { coverageFile, renewCoverage = false } = options;
  if (coverageFile !== undefined) await demandCoverageFile(coverageFile, renewCoverage);
  const { seed = randomInt(SEEDS), signal = new AbortController().signal } = options;
  const effort = options.thorough ? THOROUGH : 1;
  const stamp = { kit: await kitStamp(), seed, beganAt: new Date().toISOString() };
  const began = performance.now();
  const reporter = together(options.report ?? terminal(process.stdout));
  reporter.begin(stamp);
  const folder = await mkdtemp(join(tmpdir(), "pagurus-"));
  const stop = new AbortController();
  const testRunId = randomUUID();
  const message = (envelope: Envelope) => reporter.message(envelope);
  const run: RunFacts = {
    seed,
    effort,
    ...(options.tags === undefined ? {} : { tags: options.tags }),
    ...(options.otherHost === undefined ? {} : { otherHost: options.otherHost }),
    ...(options.features === undefined ? {} : { features: options.features }),
    parallel: options.parallel ?? Math.min(availableParallelism(), MOST_PARALLEL),
    deadlines: { ...usualDeadlines, scenario: usualDeadlines.scenario * effort, ...options.deadlinesMs },
    signal: AbortSignal.any([signal, stop.signal]),
    folder,
    prefix: `conform-${randomBytes(4).toString("hex")}`,
    merged: createMergedMessages(testRunId, message),
    repeat: (subject, failed) => repeatCommand(options, subject, failed),
    reporter: {
      scenario: (result, subject) => {
        reporter.scenario(result, subject);
        if (options.bail && result.verdict === "failed") stop.abort();
      },
    },
  };
  message(metaOf(stamp.kit));
  message({ testRunStarted: { id: testRunId, timestamp: now() } });
  try {
    const subjects = await runAll(options, run, reporter);
    signal.throwIfAborted();
    const lost = await lostIn(options, subjects);
    const durationMs = Math.round(performance.now() - began);
    const conformance = summed({ ...stamp, durationMs }, subjects, lost);
    message({
      testRunFinished: { testRunStartedId: testRunId, timestamp: now(), success: conformance.ok },
    });
    await reporter.end(conformance);
    return conformance;
  } finally {
    stop.abort();
    await rm(folder, { recursive: true, force: true });
  }
};

const tagsProblem = (tags: string): string | undefined => {
  try {
    parseTags(tags);
    return undefined;
  } catch (error) {
    return `${reasonOf(error)} An example: '@rule:flush-is-durable or not @spawn'`;
  }
};

const demandSense = (options: ConformOptions): void => {
  const {
    plugins = [],
    configFile,
    config,
    point,
    parallel,
    seed,
    tags,
    coverageFile,
    renewCoverage,
  } = options;
  const problems = [
    plugins.length === 0 && configFile === undefined && "There is nothing to put to the test: name a plugin",
    config !== undefined &&
      configFile !== undefined &&
      "A configuration and a configuration file exclude each other",
    config !== undefined && plugins.length > 1 && "One configuration can't be that of several plugins",
    point !== undefined &&
      !knownPoints().includes(point) &&
      `There are no features for ${point}, but for ${knownPoints().join(", ")}`,
    parallel !== undefined &&
      !(Number.isInteger(parallel) && parallel > 0) &&
      "At least one process is needed",
    seed !== undefined &&
      !(Number.isInteger(seed) && seed >= 0 && seed < SEEDS) &&
      `A seed is a number below ${SEEDS}`,
    tags !== undefined && tagsProblem(tags),
    renewCoverage === true &&
      coverageFile === undefined &&
      "What is to be renewed? Name the file with --coverage",
  ];
  const problem = problems.find((found) => typeof found === "string");
  if (problem) throw new CodedError("usage-invalid", { problem, help: "pagurus conform --help" });
};

const runAll = async (
  options: ConformOptions,
  run: RunFacts,
  reporter: Required<Reporter>,
): Promise<readonly SubjectResult[]> => {
  const { configFile } = options;
  const found =
    configFile === undefined ? subjectsNamed(options, run) : subjectsInFile(configFile, options, run);
  const results: SubjectResult[] = [];
  const names = new Map<string, number>();
  for await (const subject of found) {
    if (run.signal.aborted) {
      await subject.child?.kill();
      break;
    }
    const named = { ...subject, name: unique(subject, names) };
    reporter.subject(named);
    const result = await new SubjectRun(named, run).run();
    reporter.ended(result);
    results.push(result);
  }
  return results;
};

/** The subject's name, with a number where an earlier one of its point has the same. */
const unique = ({ name, point }: Subject, names: Map<string, number>): string => {
  const key = `${name}/${point}`;
  const count = (names.get(key) ?? 0) + 1;
  names.set(key, count);
  return count === 1 ? name : `${name}-${count}`;
};

/** A run of only some scenarios says nothing about what could be run. */
const lostIn = async (
  { coverageFile, renewCoverage = false, tags, features, bail, configFile, point }: ConformOptions,
  subjects: readonly SubjectResult[],
): Promise<readonly string[]> => {
  const narrowed = tags !== undefined || features !== undefined || bail === true;
  if (coverageFile === undefined || narrowed) return [];
  return lostCoverage(coverageFile, { subjects, configFile, point }, renewCoverage);
};

const summed = (
  stamp: Pick<Conformance, "kit" | "seed" | "beganAt" | "durationMs">,
  subjects: readonly SubjectResult[],
  lost: readonly string[],
): Conformance => {
  const results = subjects.flatMap((subject) => subject.results);
  const { failed, ...others } = countsOf(results);
  const problems = [
    ...subjects.flatMap((subject) =>
      subject.problems.map((problem) => `${subjectText(subject)}: ${problem}`),
    ),
    ...lost,
  ];
  const counts = { ...others, failed: failed + problems.length };
  const ran = results.some((result) => !isOfTheKit(result) && result.verdict !== "skipped");
  const failures = subjects.flatMap((subject) =>
    subject.results
      .filter(({ verdict }) => verdict === "failed")
      .map((result) => failureText(subject, result)),
  );
  return {
    ...stamp,
    ...counts,
    ok: counts.failed === 0 && ran,
    subjects,
    results,
    failures: [...failures, ...problems],
    problems,
  };
};

const metaOf = ({ version, features }: KitStamp): Envelope => ({
  meta: {
    protocolVersion,
    // As semantic versions are told apart by what they were built of: the message has no place of its own for it.
    implementation: { name: "pagurus", version: `${version}+${features.replace(":", ".")}` },
    runtime: { name: "node.js", version: process.version },
    os: { name: process.platform },
    cpu: { name: process.arch },
  },
});
