import type { runCucumber } from "@cucumber/cucumber/api";

type Message = Parameters<NonNullable<Parameters<typeof runCucumber>[2]>>[0];

/** One scenario, or one row of its examples, as it ended. */
export interface ScenarioResult {
  readonly name: string;
  /** The feature's file and the line. */
  readonly where: string;
  readonly tags: readonly string[];
  readonly verdict: "passed" | "failed" | "skipped";
  /** What its hooks and steps logged: for a skipped one, why it was not run. */
  readonly logs: readonly string[];
}

/** How many scenarios ended how. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const logType = "text/x.cucumber.log+plain";

/** Collects the messages of one run of cucumber into a result per scenario. Undefined and pending steps fail. */
export const createTally = () => {
  const pickles = new Map<string, Pick<ScenarioResult, "name" | "where" | "tags">>();
  const lines = new Map<string, number>();
  const pickleOfCase = new Map<string, string>();
  const started = new Map<string, { pickle: string; statuses: Set<string>; logs: string[] }>();
  const results: ScenarioResult[] = [];

  const finish = (id: string) => {
    const run = started.get(id);
    const pickle = run && pickles.get(run.pickle);
    if (!run || !pickle) return;
    const others = [...run.statuses].filter((status) => status !== "PASSED" && status !== "SKIPPED");
    const verdict = others.length > 0 ? "failed" : run.statuses.has("SKIPPED") ? "skipped" : "passed";
    results.push({ ...pickle, verdict, logs: run.logs });
  };

  const take = (message: Message): void => {
    const {
      gherkinDocument,
      pickle,
      testCase,
      testCaseStarted,
      testStepFinished,
      attachment,
      testCaseFinished,
    } = message;
    for (const child of gherkinDocument?.feature?.children ?? [])
      for (const { scenario } of child.rule?.children ?? [child])
        if (scenario) lines.set(scenario.id, scenario.location.line);
    if (pickle) {
      const line = lines.get(pickle.astNodeIds[0] ?? "");
      const tags = pickle.tags.map(({ name }) => name);
      pickles.set(pickle.id, { name: pickle.name, where: `${pickle.uri}:${line ?? "?"}`, tags });
    }
    if (testCase) pickleOfCase.set(testCase.id, testCase.pickleId);
    if (testCaseStarted)
      started.set(testCaseStarted.id, {
        pickle: pickleOfCase.get(testCaseStarted.testCaseId) ?? "",
        statuses: new Set(),
        logs: [],
      });
    if (testStepFinished)
      started.get(testStepFinished.testCaseStartedId)?.statuses.add(testStepFinished.testStepResult.status);
    if (attachment?.mediaType === logType)
      started.get(attachment.testCaseStartedId ?? "")?.logs.push(attachment.body);
    if (testCaseFinished && !testCaseFinished.willBeRetried) finish(testCaseFinished.testCaseStartedId);
  };

  return { take, results: results as readonly ScenarioResult[] };
};

export const countsOf = (results: readonly ScenarioResult[]): Counts => {
  const count = (verdict: ScenarioResult["verdict"]) =>
    results.filter((result) => result.verdict === verdict).length;
  return { passed: count("passed"), failed: count("failed"), skipped: count("skipped") };
};

/** The line that ends every run of tests, here and in the scripts that sum them up. */
export const countsText = ({ passed, failed, skipped }: Counts): string =>
  `${passed} passed, ${failed} failed, ${skipped} skipped`;
