import type { ScenarioResult } from "../conformance/tally.ts";
import type { ScenarioEnd } from "./messages.ts";

/** A result of the kit as a run tells it. */
export const scenarioEnd = ({ where, verdict, logs }: ScenarioResult): ScenarioEnd => {
  const [, file = "", line = ""] = /^(.*):(\d+)$/.exec(where) ?? [];
  const [message] = logs;
  return { file, line: Number(line), verdict, ...(message !== undefined && { message }) };
};
