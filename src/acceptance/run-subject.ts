import { conform } from "../conformance/conform.ts";
import { isOfTheKit } from "../conformance/tally.ts";
import type { RunEnd, RunMessage, RunRequest } from "./messages.ts";
import { scenarioEnd } from "./scenario-end.ts";

/** Runs conformance features against a plugin, as `pagurus conform` does. */
export const runSubject = async (
  { paths, tags }: RunRequest,
  { plugin, config, cwd, seed }: NonNullable<RunRequest["subject"]>,
  { hear, signal }: { readonly hear: (message: RunMessage) => void; readonly signal: AbortSignal },
): Promise<RunEnd> => {
  const points = new Set(paths.map((path) => path.split("/").at(-2)));
  const [point] = points.size === 1 ? points : [];
  let planned = 0;
  const { results, kit, problems } = await conform({
    ...{ plugins: [plugin], features: paths, cwd, seed, signal },
    ...(config !== undefined && { config }),
    ...(tags !== undefined && { tags }),
    ...(point !== undefined && { point }),
    report: {
      message({ testCase }) {
        if (testCase === undefined) return;
        planned++;
        hear({ kind: "planned", scenarios: planned });
      },
      scenario: (result) => hear({ kind: "scenario", end: scenarioEnd(result) }),
    },
  });
  for (const message of problems)
    hear({ kind: "scenario", end: { file: "", line: 0, verdict: "failed", message } });
  const tried = results.some((result) => !isOfTheKit(result) && result.verdict !== "skipped");
  return { tried, featuresHash: kit.features };
};
