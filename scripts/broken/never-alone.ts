import { type ScenarioResult, scenarioPlace } from "../../src/conformance/tally.ts";
import { isDirected, type Verdict } from "./verdict.ts";

/**
 * Why no broken plugin can fail this directed scenario and no other one, by point and scenario. Each other directed
 * scenario must be the only one to fail for some broken plugin: else nothing shows that it is needed.
 */
export const reasons: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  catalog: {
    "The first start":
      "whatever is found in a catalog that nobody has used keeps the engine from making its tables there, and so fails every scenario that begins with that.",
  },
};

/** Directed scenarios that no broken plugin fails alone. */
export const neverAlone = (
  verdicts: readonly Verdict[],
  scenarios: readonly ScenarioResult[],
): readonly ScenarioResult[] => {
  const alone = new Set(verdicts.flatMap(({ directed }) => (directed.size === 1 ? [...directed] : [])));
  const byPlace = new Map(
    scenarios.filter(isDirected).map((scenario) => [scenarioPlace(scenario), scenario]),
  );
  return [...byPlace.values()].filter((scenario) => !alone.has(scenarioPlace(scenario)));
};

/** What is wrong with the reasons that are given for a point. */
export const wrongReasons = (
  point: string,
  verdicts: readonly Verdict[],
  scenarios: readonly ScenarioResult[],
): readonly string[] => {
  const never = neverAlone(verdicts, scenarios);
  const given = reasons[point] ?? {};
  return [
    ...never
      .filter(({ name }) => !Object.hasOwn(given, name))
      .map(({ name, where }) => `no broken plugin fails “${name}” alone, and nothing says why (${where})`),
    ...Object.keys(given)
      .filter((name) => !never.some((scenario) => scenario.name === name))
      .map(
        (name) =>
          `a reason is given why nothing fails “${name}” of ${point} alone; something does, or it is gone`,
      ),
  ];
};
