import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { pluginFeature } from "../../src/conformance/kit.ts";
import { type ScenarioResult, scenarioPlace } from "../../src/conformance/tally.ts";
import type { BrokenPlugin } from "./broken-plugin.ts";
import { GUEST } from "./guest-trial.ts";

/** How the kit took one broken plugin. */
export interface Verdict {
  readonly plugin: BrokenPlugin;
  /**
   * Scenarios of its own rule that failed, each once, and those of other rules. A seeded check counts only where it alone
   * has failed: what depends on time it finds in one run and not in the next.
   */
  readonly caughtBy: readonly string[];
  readonly besides: readonly string[];
  /** The failed scenarios that are directed, by where they are written. */
  readonly directed: ReadonlySet<string>;
  /** What is not as it must be. */
  readonly problems: readonly string[];
  /** Why the scenarios of its rule can't be run here, where that is so. */
  readonly notRun: string | undefined;
}

/** A seeded check finds many faults: it says little about which. */
export const isDirected = ({ tags }: Pick<ScenarioResult, "tags">): boolean => !tags.includes("@model");

/** As the kit says it where a fault or a loss of power can't be had, whatever the plugin. */
const unavailable = /^(durability: not proven|not run): /;

const namesOf = (results: readonly ScenarioResult[]): readonly string[] => [
  ...new Set(results.map(({ name }) => name)),
];

export const verdictOf = (plugin: BrokenPlugin, results: readonly ScenarioResult[]): Verdict => {
  const failed = results.filter(({ verdict }) => verdict === "failed");
  const ofRule = results.filter(({ rule }) => rule?.name === plugin.rule);
  const own = failed.filter((result) => ofRule.includes(result));
  const drawn = new Set(namesOf(results.filter((result) => !isDirected(result))));
  const others = namesOf(failed.filter((result) => !own.includes(result)));
  const mayFail = plugin.alsoCaughtBy.filter((name) => drawn.has(name));
  const besides = [...others.filter((name) => !mayFail.includes(name)), ...mayFail];
  const ran = new Set(namesOf(results.filter(({ verdict }) => verdict !== "skipped")));
  const notRun = ofRule.flatMap(({ logs }) => logs).find((log) => unavailable.test(log));
  const silent = own.filter(({ message }) => message === undefined || message === "");
  const problems = [
    ...(plugin.fault === "" ? ["no comment on its export says what is wrong with it"] : []),
    ...(ofRule.length > 0 ? [] : [`no scenario has the rule ${plugin.rule}`]),
    ...(ofRule.length > 0 && own.length === 0 && !notRun ? ["passes every scenario of its rule"] : []),
    ...silent.map(({ name }) => `fails “${name}” without a word`),
    ...besides
      .filter((name) => !plugin.alsoCaughtBy.includes(name))
      .map((name) => `also fails “${name}”, which it doesn't declare`),
    ...plugin.alsoCaughtBy
      .filter((name) => !besides.includes(name) && ran.has(name))
      .map((name) => `declares “${name}”, which it doesn't fail`),
  ];
  const directed = new Set(failed.filter(isDirected).map(scenarioPlace));
  return {
    ...{
      plugin,
      caughtBy: namesOf(own.some(isDirected) ? own.filter(isDirected) : own),
      besides,
      directed,
      problems,
    },
    notRun: own.length === 0 ? notRun : undefined,
  };
};

const featuresOf = async (point: string): Promise<readonly string[]> => {
  if (point === GUEST) return [pluginFeature];
  const folder = join("features/conformance", point);
  return (await readdir(folder)).map((name) => join(folder, name));
};

/** Rules of the point's features of which no broken plugin is known. */
export const rulesWithout = async (
  point: string,
  verdicts: readonly Verdict[],
): Promise<readonly string[]> => {
  const texts = await Promise.all((await featuresOf(point)).map((path) => readFile(path, "utf8")));
  const rules = new Set(
    texts.flatMap((text) => [...text.matchAll(/@rule:([a-z0-9-]+)/g)].map(([, rule]) => rule ?? "")),
  );
  return [...rules].filter((rule) => !verdicts.some(({ plugin }) => plugin.rule === rule)).sort();
};
