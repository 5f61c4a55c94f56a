import type { Writable } from "node:stream";
import { type IConfiguration, loadConfiguration, runCucumber } from "@cucumber/cucumber/api";
import { type Counts, countsOf, createTally, type ScenarioResult } from "./tally.ts";

export interface FeatureRun extends Counts {
  /** Something ran, and nothing failed. */
  readonly ok: boolean;
  readonly results: readonly ScenarioResult[];
}

export interface FeatureRunOptions {
  /** A configuration file of cucumber and its profiles; `false` for none. */
  readonly file: string | false;
  readonly profiles?: readonly string[];
  /** As on cucumber's command line, or as in its configuration. */
  readonly provided: Partial<IConfiguration> | string[];
  readonly cwd: string;
  readonly stdout: Writable;
}

/** Runs features once in this process, after which the process should end: cucumber can't be cancelled. */
export const runFeatures = async (options: FeatureRunOptions): Promise<FeatureRun> => {
  const environment = { cwd: options.cwd, stdout: options.stdout, stderr: process.stderr, env: process.env };
  const { runConfiguration } = await loadConfiguration(
    { file: options.file, profiles: [...(options.profiles ?? [])], provided: options.provided },
    environment,
  );
  const tally = createTally();
  const { success } = await runCucumber(runConfiguration, environment, tally.take);
  const counts = countsOf(tally.results);
  return { ...counts, ok: success && counts.failed === 0 && counts.passed > 0, results: tally.results };
};

/** The scenarios that were not run, with what they logged about it, one line each. */
export const skippedText = (results: readonly ScenarioResult[]): string =>
  results
    .filter(({ verdict }) => verdict === "skipped")
    .map(
      ({ name, where, logs }) => `  not run: ${name} (${where})${logs.map((log) => `; ${log}`).join("")}\n`,
    )
    .join("");
