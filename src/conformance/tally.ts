import type { Envelope, Pickle, TestStepResult } from "@cucumber/messages";
import { type Place, Places } from "./places.ts";

/** One scenario, or one row of its examples, as it ended. */
export interface ScenarioResult {
  readonly name: string;
  readonly feature: string;
  /** The promise that it is about; `name` is that of its tag `@rule:…`. */
  readonly rule?: { readonly name?: string; readonly title: string };
  /** The feature's file and the line: that of the row, where it is one. */
  readonly where: string;
  /**
   * Of a row of examples: its values by column, without those that stand in `name`, and where the scenario is that all
   * rows have in common.
   */
  readonly row?: { readonly values: Readonly<Record<string, string>>; readonly scenario: string };
  readonly tags: readonly string[];
  readonly verdict: "passed" | "failed" | "skipped";
  /** Of a failed one: the step that failed, with its keyword. */
  readonly step?: string;
  /** Of a failed one: what was found, as the step words it. */
  readonly message?: string;
  /** Of a failed one of `conform`: the command that runs it again. */
  readonly repeat?: string;
  /** What its hooks and steps logged: for a skipped one, why it was not run. */
  readonly logs: readonly string[];
  readonly durationMs: number;
  /** What repeats its random parts. */
  readonly seed?: number;
}

/** How many scenarios ended how. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const logType = "text/x.cucumber.log+plain";

type Plan = Pick<ScenarioResult, "name" | "feature" | "rule" | "where" | "row" | "tags"> & {
  /** Pickle step to its words. */
  readonly stepTexts: ReadonlyMap<string, string>;
};

interface Run {
  readonly plan: Plan;
  /** Test step to pickle step; hooks have none. */
  readonly steps: ReadonlyMap<string, string | undefined>;
  readonly beganAt: number;
  readonly statuses: Set<string>;
  readonly logs: string[];
  failure?: Pick<ScenarioResult, "step" | "message">;
}

const milliseconds = ({ seconds, nanos }: { seconds: number; nanos: number }): number =>
  Math.round(seconds * 1e3 + nanos / 1e6);

/** Without the name of the error's class before it, and without the stack behind it. */
const wordsOf = ({ status, message = "", exception }: TestStepResult): string => {
  if (status === "UNDEFINED") return "the kit has no such step";
  if (status === "PENDING") return "the step is not written yet";
  const text = exception?.message ?? message;
  return text
    .replace(/\n +at [^\n]+:\d+:\d+\)?(?=\n|$)[\s\S]*/, "")
    .replace(/^(AssertionError|\w*Error)( \[\w+\])?: /, "")
    .trim();
};

/** Collects the messages of a run into a result per scenario. Undefined and pending steps fail. */
export class Tally {
  readonly results: ScenarioResult[] = [];
  readonly #seed: number | undefined;
  readonly #prefix: string;
  readonly #repeat: ((failed: ScenarioResult) => string) | undefined;
  readonly #ended: (result: ScenarioResult) => void;
  readonly #places = new Places();
  readonly #plans = new Map<string, Plan>();
  readonly #cases = new Map<string, Pick<Run, "plan" | "steps">>();
  readonly #runs = new Map<string, Run>();

  /** `prefix`: what stands before the files' own paths in the messages. */
  constructor(
    options: {
      readonly seed?: number;
      readonly prefix?: string;
      readonly repeat?: (failed: ScenarioResult) => string;
      readonly ended?: (result: ScenarioResult) => void;
    } = {},
  ) {
    this.#seed = options.seed;
    this.#prefix = options.prefix ?? "";
    this.#repeat = options.repeat;
    this.#ended = options.ended ?? (() => undefined);
  }

  readonly take = (envelope: Envelope): void => {
    this.#plan(envelope);
    const { testCaseStarted, testStepFinished, attachment, testCaseFinished } = envelope;
    if (testCaseStarted) {
      const known = this.#cases.get(testCaseStarted.testCaseId);
      const run = { beganAt: milliseconds(testCaseStarted.timestamp), statuses: new Set<string>(), logs: [] };
      if (known) this.#runs.set(testCaseStarted.id, { ...known, ...run });
    }
    if (testStepFinished) {
      const { testCaseStartedId, testStepId, testStepResult } = testStepFinished;
      this.#step(this.#runs.get(testCaseStartedId), testStepId, testStepResult);
    }
    if (attachment?.mediaType === logType)
      this.#runs.get(attachment.testCaseStartedId ?? "")?.logs.push(attachment.body);
    if (testCaseFinished && !testCaseFinished.willBeRetried)
      this.#finish(testCaseFinished.testCaseStartedId, milliseconds(testCaseFinished.timestamp));
  };

  /** What is to be run, and where it is written. */
  #plan({ gherkinDocument, pickle, testCase }: Envelope): void {
    if (gherkinDocument) this.#places.learn(gherkinDocument);
    if (pickle) this.#plans.set(pickle.id, this.#planOf(pickle));
    const plan = testCase && this.#plans.get(testCase.pickleId);
    if (plan)
      this.#cases.set(testCase.id, {
        plan,
        steps: new Map(testCase.testSteps.map(({ id, pickleStepId }) => [id, pickleStepId])),
      });
  }

  #planOf(pickle: Pickle): Plan {
    const { line, ...place }: Partial<Place> = this.#places.scenarioOf(pickle) ?? {};
    const row = this.#places.rowOf(pickle);
    const at = (found = line) => `${pickle.uri.slice(this.#prefix.length)}:${found ?? "?"}`;
    return {
      feature: "",
      ...place,
      name: pickle.name,
      where: at(row?.line),
      ...(row && { row: { values: row.values, scenario: at() } }),
      tags: pickle.tags.map(({ name }) => name),
      stepTexts: this.#places.stepsOf(pickle),
    };
  }

  #step(run: Run | undefined, testStepId: string, result: TestStepResult): void {
    if (!run) return;
    run.statuses.add(result.status);
    if (result.status === "PASSED" || result.status === "SKIPPED" || run.failure) return;
    const step = run.plan.stepTexts.get(run.steps.get(testStepId) ?? "");
    run.failure = { message: wordsOf(result), ...(step === undefined ? {} : { step }) };
  }

  #finish(id: string, endedAt: number): void {
    const run = this.#runs.get(id);
    if (!run) return;
    const { stepTexts: _, ...plan } = run.plan;
    const result: ScenarioResult = {
      ...plan,
      verdict: run.failure ? "failed" : run.statuses.has("SKIPPED") ? "skipped" : "passed",
      ...run.failure,
      logs: run.logs,
      durationMs: endedAt - run.beganAt,
      ...(this.#seed === undefined ? {} : { seed: this.#seed }),
    };
    const told = run.failure && this.#repeat ? { ...result, repeat: this.#repeat(result) } : result;
    this.results.push(told);
    this.#ended(told);
  }
}

/** What all rows of a scenario's examples have in common: its place. */
export const scenarioPlace = ({ row, where }: Pick<ScenarioResult, "row" | "where">): string =>
  row?.scenario ?? where;

/** The scenario as people are told of it: `Going (goes: leaves)` of a row of examples. */
export const titleOf = ({ name, row }: Pick<ScenarioResult, "name" | "row">): string => {
  const values = Object.entries(row?.values ?? {}).map(([column, value]) => `${column}: ${value}`);
  return values.length === 0 ? name : `${name} (${values.join(", ")})`;
};

/** Whether a result is about what the kit itself does with every plugin. */
export const isOfTheKit = ({ tags }: ScenarioResult): boolean => tags.includes("@plugin");

export const countsOf = (results: readonly ScenarioResult[]): Counts => {
  const count = (verdict: ScenarioResult["verdict"]) =>
    results.filter((result) => result.verdict === verdict).length;
  return { passed: count("passed"), failed: count("failed"), skipped: count("skipped") };
};

/** The line that ends every run of tests, here and in the scripts that sum them up. */
export const countsText = ({ passed, failed, skipped }: Counts): string =>
  `${passed} passed, ${failed} failed, ${skipped} skipped`;
