import { conform, type ScenarioResult } from "../../src/conformance/index.ts";
import { isOfTheKit } from "../../src/conformance/tally.ts";
import type { BrokenPlugin } from "./broken-plugin.ts";

/** The folder of the plugins that are bad guests of their process, whatever they provide: `plugin.feature`. */
export const GUEST = "plugin";

/**
 * What the kit itself finds of how a plugin comes and goes. It does so around the features of the point, of which one
 * scenario is enough; `ended` is told of each of its own.
 */
export const guestTrial = async (
  { path }: BrokenPlugin,
  seed: number,
  ended: (result: ScenarioResult) => void,
): Promise<readonly ScenarioResult[]> => {
  const { results } = await conform({
    plugins: [`./${path}`],
    tags: "@rule:digest-ends",
    parallel: 1,
    seed,
    report: { scenario: ended },
  });
  return results.filter(isOfTheKit);
};
