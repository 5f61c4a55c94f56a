import type { Command } from "commander";
import { stringify } from "yaml";
import {
  checkConfiguration,
  dataDirOf,
  loadConfiguration,
  type RawConfiguration,
  shownConfiguration,
} from "../kernel/index.ts";
import { answer, type Cli } from "./cli.ts";
import { childOf } from "./commands.ts";

/** `config show` and `config check`: they read the configuration as `serve` would, and need no server. */
export const addConfigCommands = (program: Command, cli: Cli): void => {
  const noun = childOf(program, "config");
  noun
    .command("show")
    .description("Print the configuration in force, without secrets, and where each part comes from")
    .option("--config <file>", "configuration file (or PAGURUS_CONFIG)")
    .addHelpText("after", "\nExamples:\n  pagurus config show --config pagurus.yaml")
    .action(async (flags: ConfigFlags) => show(await loaded(flags, cli), cli));
  noun
    .command("check")
    .description("Check a configuration whole, with its plugins; all problems are told at once")
    .option("--config <file>", "configuration file (or PAGURUS_CONFIG)")
    .addHelpText("after", "\nExamples:\n  pagurus config check --config pagurus.yaml")
    .action(async (flags: ConfigFlags) => check(await loaded(flags, cli), cli));
};

interface ConfigFlags {
  readonly config?: string;
}

const loaded = ({ config }: ConfigFlags, { host, options }: Cli): Promise<RawConfiguration> =>
  loadConfiguration({ path: config, dataDir: dataDirOf(host.env, options.data), env: host.env });

const show = (configuration: RawConfiguration, cli: Cli): void => {
  const shown = shownConfiguration(configuration);
  if (cli.options.json) answer(cli, shown);
  else cli.host.out.write(asYaml(shown));
};

/** Itself a configuration file, with where its parts come from as comments. */
const asYaml = ({ source, dataDir, values, origins }: ReturnType<typeof shownConfiguration>): string => {
  const sections = Object.entries(values as object).map(([section, value]: [string, unknown]) => {
    const from = Object.entries(origins)
      .filter(([key]) => key === section || key.startsWith(`${section}.`))
      .map(([key, origin]) => `# ${key}: from ${origin}\n`);
    return `${from.join("")}${stringify({ [section]: value })}`;
  });
  return `# source: ${source}\n# data directory: ${dataDir}\n${sections.join("")}`;
};

const check = async (configuration: RawConfiguration, cli: Cli): Promise<void> => {
  const { builtIns } = await import("../engine/built-ins.ts");
  await checkConfiguration(configuration, builtIns);
  const { source } = configuration;
  if (cli.options.json) answer(cli, { source, valid: true });
  else cli.host.out.write(`The configuration in ${source} is valid.\n`);
};
