import { isDeepStrictEqual } from "node:util";
import { CodedError, type PluginFunction } from "pagurus";
import { Then } from "pagurus/steps";
import { badInputs } from "./function/bad-inputs.ts";
import { type Example, FunctionsUnderTest, type ToldFunction } from "./function/functions-under-test.ts";
import { assertNone } from "./function/problems.ts";
import { type Ended, momentsOf, runOnce, textOf } from "./function/runs.ts";
import { sampleOf } from "./function/sample.ts";
import type { Kit } from "./world.ts";

/** How long a step may take that runs functions: each run has an engine of its own. */
const RUNS_MS = 120_000;

const functionsOf = (kit: Kit) => kit.part(FunctionsUnderTest);

type Problem = string | undefined;

const called = ({ declared, example }: Example): string => `${declared.name} ${JSON.stringify(example)}`;

/** Runs each example once and fails with all that is wrong; skipped where there is none. */
const eachRun = async (
  kit: Kit,
  problemOf: (ended: Ended, example: Example) => Problem | Promise<Problem>,
  which: (declared: PluginFunction) => boolean = () => true,
): Promise<"skipped" | undefined> => {
  const functions = functionsOf(kit);
  const examples = (await functions.goodExamples()).filter(({ declared }) => which(declared));
  const problems: string[] = [];
  for (const example of examples) {
    const problem = await problemOf(await runOnce(functions, example), example);
    if (problem !== undefined) problems.push(`${called(example)}: ${problem}`);
  }
  assertNone(problems);
  return examples.length === 0 ? "skipped" : undefined;
};

/** Runs each example once to its end, and then once for each moment at which it can be told to end. */
const eachEnding = async (kit: Kit, problemOf: (ended: Ended) => Problem): Promise<"skipped" | undefined> => {
  const functions = functionsOf(kit);
  const examples = await functions.goodExamples();
  const problems: string[] = [];
  for (const example of examples) {
    const whole = await runOnce(functions, example);
    if (whyItFailed(whole) !== undefined) continue;
    for (const moment of momentsOf(whole.run)) {
      const ended = await runOnce(functions, example, moment);
      const problem = problemOf(ended);
      if (problem !== undefined)
        problems.push(`${called(example)}, told to end ${textOf(moment)}: ${problem}`);
      // It would be so at every other moment, and each takes its time.
      if (ended.stuck) break;
    }
  }
  assertNone(problems);
  return examples.length === 0 ? "skipped" : undefined;
};

const whyItFailed = ({ run, refusal }: Ended): Problem => {
  if (run.ended && "error" in run.ended) return `it failed with ${String(run.ended.error)}`;
  return run.ended ? undefined : `it was not run: ${String(refusal)}`;
};

/** Whether the reason, or that something was cancelled, is in the chain of causes. */
const tells = (error: unknown, reason: unknown): boolean => {
  if (error === reason || CodedError.is(error, "cancelled") || CodedError.is(error, "server-stopping"))
    return true;
  if (!(error instanceof Error)) return false;
  return error.name === "AbortError" || (error.cause !== undefined && tells(error.cause, reason));
};

const unlike = (before: readonly string[], after: readonly string[]): readonly string[] => [
  ...after.filter((name) => !before.includes(name)).map((name) => `${name} is there`),
  ...before.filter((name) => !after.includes(name)).map((name) => `${name} is gone`),
];

const goodInput = async (
  functions: FunctionsUnderTest,
  { declared, input }: ToldFunction,
): Promise<unknown> => {
  const examples = (declared.examples ?? []).map((example) => functions.sampleOf({ declared, example }));
  for (const candidate of [...examples, sampleOf(input)])
    if ((await declared.input.safeParseAsync(candidate)).success) return candidate;
  return undefined;
};

Then(
  "each function is refused whatever its input schema forbids as {word}, and not run",
  { timeout: RUNS_MS },
  async function (this: Kit, code: string) {
    const functions = functionsOf(this);
    const reached = new Set<string>();
    const trap = (declared: PluginFunction): PluginFunction => {
      const run = async () => {
        reached.add(declared.name);
        throw new Error("a wrong input has reached the function");
      };
      return declared.kind === "job"
        ? { ...declared, run, disks: () => [], check: run }
        : { ...declared, run };
    };
    const { engine } = await functions.open(trap);
    const problems: string[] = [];
    for (const told of functions.told) {
      const { name } = told.declared;
      for (const { input, wrong } of badInputs(told.input, await goodInput(functions, told))) {
        const refusal = await engine.invoke(name, input).catch((error: unknown) => error);
        if (!CodedError.is(refusal, code) || reached.has(name))
          problems.push(`${name} took it that ${wrong}`);
        reached.delete(name);
      }
    }
    assertNone(problems);
  },
);

Then("each function succeeds with each of its examples", { timeout: RUNS_MS }, function (this: Kit) {
  return eachRun(this, whyItFailed);
});

Then(
  "each function answers its examples with what its output schema allows, and JSON can tell",
  { timeout: RUNS_MS },
  function (this: Kit) {
    return eachRun(this, async ({ run }, { declared }) => {
      if (!run.ended || !("output" in run.ended)) return undefined;
      const read = await declared.output.safeParseAsync(run.ended.output);
      if (!read.success) return `it answered ${JSON.stringify(run.ended.output)}: ${read.error.message}`;
      const told: unknown = JSON.parse(JSON.stringify(read.data ?? null));
      return isDeepStrictEqual(told, withoutAbsent(read.data ?? null))
        ? undefined
        : "JSON makes something else of its answer";
    });
  },
);

/** Fields that are there and `undefined` are as good as absent. */
const withoutAbsent = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutAbsent);
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, field]) =>
      field === undefined ? [] : [[key, withoutAbsent(field)]],
    ),
  );
};

Then("each function that only reads leaves everything as it was", { timeout: RUNS_MS }, function (this: Kit) {
  return eachRun(
    this,
    ({ before, after }) => unlike(before, after).join(", ") || undefined,
    ({ effect }) => effect === "read",
  );
});

Then("no function has made a resource before its journal had it", { timeout: RUNS_MS }, function (this: Kit) {
  return eachRun(this, ({ run: { madeTooEarly } }) =>
    madeTooEarly.length === 0
      ? undefined
      : `${madeTooEarly.map((resource) => JSON.stringify(resource)).join(", ")} was there already`,
  );
});

Then(
  "the `percent` of each job's progress is a number from 0 to 100 that never falls",
  { timeout: RUNS_MS },
  function (this: Kit) {
    return eachRun(
      this,
      ({ run }) => {
        const percents = run.progress.flatMap(({ percent }) => (percent === undefined ? [] : [percent]));
        const good = percents.every(
          (percent, n) =>
            typeof percent === "number" &&
            percent >= Math.max(0, ...percents.slice(0, n).map(Number)) &&
            percent <= 100,
        );
        return good ? undefined : `it told ${percents.join(", ")}`;
      },
      ({ kind }) => kind === "job",
    );
  },
);

Then("each function that is told to end does so soon", { timeout: RUNS_MS }, function (this: Kit) {
  return eachEnding(this, ({ stuck }) => (stuck ? "it went on" : undefined));
});

Then(
  "each function that is told to end either succeeds all the same, or fails with the reason that it was given",
  { timeout: RUNS_MS },
  function (this: Kit) {
    return eachEnding(this, ({ run, reason, stuck }) => {
      if (stuck || !run.ended || "output" in run.ended || reason === undefined) return undefined;
      return tells(run.ended.error, reason) ? undefined : `it failed with ${String(run.ended.error)}`;
    });
  },
);

Then(
  "each function that has ended before it was done leaves nothing behind",
  { timeout: RUNS_MS },
  function (this: Kit) {
    return eachEnding(this, ({ run, before, after }) =>
      run.ended && "error" in run.ended ? unlike(before, after).join(", ") || undefined : undefined,
    );
  },
);
