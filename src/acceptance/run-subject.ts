import { conform } from "../conformance/index.ts";
import type { RunMessage, RunRequest } from "./messages.ts";
import { scenarioEnd } from "./scenario-end.ts";

/** Runs conformance features against a plugin, as `pagurus conform` does. */
export const runSubject = async (
  { tags }: RunRequest,
  { plugin, config, cwd, seed }: NonNullable<RunRequest["subject"]>,
  hear: (message: RunMessage) => void,
): Promise<void> => {
  await conform({
    ...{ plugins: [plugin], cwd, seed },
    ...(config !== undefined && { config }),
    ...(tags !== undefined && { tags }),
    report: { scenario: (result) => hear({ kind: "scenario", end: scenarioEnd(result) }) },
  });
};
