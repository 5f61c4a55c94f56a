import type { Command } from "commander";
import { CodedError, type FunctionDescription } from "../contract/index.ts";
import { answer, type Cli } from "./cli.ts";
import { childOf } from "./commands.ts";
import { fieldsOf } from "./flags-from-schema.ts";

/** `functions list` and `functions show`: from the descriptions at hand, so they need no server. */
export const addFunctionsCommands = (program: Command, cli: Cli): void => {
  const noun = childOf(program, "functions");
  noun
    .command("list")
    .description("List every function")
    .addHelpText("after", "\nExamples:\n  pagurus functions list")
    .action(() => list(cli));
  noun
    .command("show")
    .description("Show a function: its input, its route; with --json its schemas")
    .argument("<function>", "its name, such as disks.create")
    .addHelpText("after", "\nExamples:\n  pagurus functions show disks.create")
    .action((name: string) => show(cli, name));
};

const list = (cli: Cli): void => {
  const short = cli.functions.map(({ name, kind, effect, summary }) => ({ name, kind, effect, summary }));
  answer(cli, { items: cli.options.json ? cli.functions : short }, "no functions");
};

const show = (cli: Cli, name: string): void => {
  const found = cli.functions.find((description) => description.name === name);
  if (!found) throw new CodedError("function-not-found", { function: name });
  answer(cli, cli.options.json ? found : shortened(found));
};

const shortened = (found: FunctionDescription) => {
  const { name, summary, kind, effect, plugin, http } = found;
  const route = http && `${http.method} ${http.path}`;
  const input = fieldsOf(found).map((field) => ({
    field: field.name,
    flag: `--${field.flag}`,
    type: field.repeated ? `${field.type}s` : field.type,
    required: field.required,
    default: field.default,
    choices: field.choices.join(" | "),
    description: field.description,
  }));
  return { name, summary, kind, effect, plugin, route, input };
};
