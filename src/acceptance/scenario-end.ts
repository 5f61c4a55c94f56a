import { type ScenarioResult, scenarioPlace } from "../conformance/tally.ts";
import type { ScenarioEnd } from "./messages.ts";

/** A result of the kit as a run tells it. */
export const scenarioEnd = (result: ScenarioResult): ScenarioEnd => {
  const { verdict, step, message, logs } = result;
  const [reason] = logs;
  // All rows of examples are one scenario of the account.
  const [, file = "", line = ""] = /^(.*):(\d+)$/.exec(scenarioPlace(result)) ?? [];
  const found = [step, message].filter((part) => part !== undefined).join(": ");
  const told = verdict === "failed" ? found : verdict === "skipped" ? reason : undefined;
  return { file, line: Number(line), verdict, ...(told !== undefined && { message: told }) };
};
