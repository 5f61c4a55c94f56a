import type { ScenarioResult } from "../conformance/tally.ts";
import type { ScenarioEnd } from "./messages.ts";

/** A result of the kit as a run tells it. */
export const scenarioEnd = ({
  where,
  verdict,
  step,
  message,
  logs: [reason],
}: ScenarioResult): ScenarioEnd => {
  const [, file = "", line = ""] = /^(.*):(\d+)$/.exec(where) ?? [];
  const found = [step, message].filter((part) => part !== undefined).join(": ");
  const told = verdict === "failed" ? found : verdict === "skipped" ? reason : undefined;
  return { file, line: Number(line), verdict, ...(told !== undefined && { message: told }) };
};
