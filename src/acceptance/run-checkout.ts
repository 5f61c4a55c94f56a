import { Writable } from "node:stream";
import { loadConfiguration, runCucumber } from "@cucumber/cucumber/api";
import { Tally } from "../conformance/tally.ts";
import type { RunEnd, RunMessage, RunRequest } from "./messages.ts";
import { scenarioEnd } from "./scenario-end.ts";

const nobody = () => new Writable({ write: (_chunk, _encoding, done) => done() });

/** Runs features of a checkout, as `npm run acceptance` does, in its form with everything in one thread. */
export const runCheckout = async (
  { paths, tags }: RunRequest,
  hear: (message: RunMessage) => void,
): Promise<RunEnd> => {
  const environment = { cwd: process.cwd(), stdout: nobody(), stderr: nobody(), env: process.env };
  const provided = { paths: [...paths], format: [], ...(tags !== undefined && { tags }) };
  const { runConfiguration } = await loadConfiguration({ file: "cucumber.mjs", provided }, environment);
  const tally = new Tally({ ended: (result) => hear({ kind: "scenario", end: scenarioEnd(result) }) });
  let planned = 0;
  await runCucumber(runConfiguration, environment, (message) => {
    if (message.testCase) {
      planned++;
      hear({ kind: "planned", scenarios: planned });
    }
    tally.take(message);
  });
  return { tried: tally.results.some(({ verdict }) => verdict !== "skipped") };
};
