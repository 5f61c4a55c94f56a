import { Command } from "commander";
import type { Cli } from "./cli.ts";
import { addFunctionCommand } from "./commands.ts";
import { addCompletionCommand } from "./completion.ts";
import { addConfigCommands } from "./config-command.ts";
import { addConformCommand } from "./conform-command.ts";
import { exitCodeHelp } from "./exit-code.ts";
import { addFunctionsCommands } from "./functions-command.ts";
import { globalFlags } from "./global-options.ts";
import { addInvokeCommand } from "./invoke-command.ts";
import { addPluginsCommands } from "./plugins-command.ts";
import { addServeCommand } from "./serve-command.ts";
import { addWatchCommands } from "./watch-command.ts";

const examples = `
Examples:
  pagurus serve --data /var/lib/pagurus
  pagurus disks create web --size 20GiB
  pagurus migrations start --disk web --to slow --max-pause 50ms --wait

${exitCodeHelp()}`;

/** A command's own words; of a noun, its verbs. */
const summaryOf = (command: Command): string =>
  command.summary() || command.description() || command.commands.map((verb) => verb.name()).join(", ");

/** The whole command: what is ours, and one command for each function. Ends by throwing where it can't go on. */
export const createProgram = (cli: Cli): Command => {
  const { host } = cli;
  const program = new Command("pagurus")
    .description("Moves the state of running virtual machines from one home to another while they run")
    .version(host.version, "--version", "print the version")
    .helpOption("-h, --help", "print help")
    .helpCommand("help [command...]", "print help for a command")
    .configureHelp({ showGlobalOptions: true, subcommandDescription: summaryOf })
    .addHelpText("after", examples)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => host.out.write(text),
      writeErr: (text) => host.err.write(text),
      outputError: () => undefined,
      getOutHelpWidth: () => host.out.columns ?? 100,
      getErrHelpWidth: () => host.err.columns ?? 100,
    });
  for (const { flags, description } of globalFlags) program.option(flags, description);
  addServeCommand(program, cli);
  addFunctionsCommands(program, cli);
  for (const description of cli.functions) addFunctionCommand(program, description, cli);
  addWatchCommands(program, cli);
  addInvokeCommand(program, cli);
  addConfigCommands(program, cli);
  addConformCommand(program, cli);
  addPluginsCommands(program, cli);
  addCompletionCommand(program, cli);
  return program;
};
