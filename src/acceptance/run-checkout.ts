import { Writable } from "node:stream";
import { loadConfiguration, runCucumber } from "@cucumber/cucumber/api";
import { createTally } from "../conformance/tally.ts";
import type { RunMessage, RunRequest } from "./messages.ts";
import { scenarioEnd } from "./scenario-end.ts";

const nobody = () => new Writable({ write: (_chunk, _encoding, done) => done() });

/** Runs features of a checkout, as `npm run acceptance` does, in its form with everything in one thread. */
export const runCheckout = async (
  { paths, tags }: RunRequest,
  hear: (message: RunMessage) => void,
): Promise<void> => {
  const environment = { cwd: process.cwd(), stdout: nobody(), stderr: nobody(), env: process.env };
  const provided = { paths: [...paths], format: [], ...(tags !== undefined && { tags }) };
  const { runConfiguration } = await loadConfiguration({ file: "cucumber.mjs", provided }, environment);
  const tally = createTally();
  let planned = 0;
  let told = 0;
  await runCucumber(runConfiguration, environment, (message) => {
    tally.take(message);
    if (message.testCase) {
      planned++;
      hear({ kind: "planned", scenarios: planned });
    }
    for (const result of tally.results.slice(told)) hear({ kind: "scenario", end: scenarioEnd(result) });
    told = tally.results.length;
  });
};
