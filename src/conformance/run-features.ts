import type { Writable } from "node:stream";
import { type IConfiguration, loadConfiguration, runCucumber } from "@cucumber/cucumber/api";
import type { Envelope } from "@cucumber/messages";

export interface FeatureRunOptions {
  /** A configuration file of cucumber and its profiles; `false` for none. */
  readonly file: string | false;
  readonly profiles?: readonly string[];
  /** As on cucumber's command line, or as in its configuration. */
  readonly provided: Partial<IConfiguration> | string[];
  readonly cwd: string;
  readonly stdout: Writable;
  readonly hear: (envelope: Envelope) => void;
}

/**
 * Runs features once in this process, after which the process should end: cucumber can't be cancelled. Answers whether
 * cucumber itself found nothing wrong; the messages say what ran.
 */
export const runFeatures = async (options: FeatureRunOptions): Promise<boolean> => {
  const environment = { cwd: options.cwd, stdout: options.stdout, stderr: process.stderr, env: process.env };
  const { runConfiguration } = await loadConfiguration(
    { file: options.file, profiles: [...(options.profiles ?? [])], provided: options.provided },
    environment,
  );
  const { success } = await runCucumber(runConfiguration, environment, options.hear);
  return success;
};
