import { resolve } from "node:path";
import { Argument, type Command } from "commander";
import { checkPlugins, type PluginVerdict } from "./check-plugins.ts";
import { answer, type Cli } from "./cli.ts";
import { childOf } from "./commands.ts";
import { exitCodes } from "./exit-code.ts";
import { type Scaffolded, scaffolded, writeScaffold } from "./scaffold.ts";

/** `plugins new` and `plugins check`: for authors of plugins. They need no server. */
export const addPluginsCommands = (program: Command, cli: Cli): void => {
  const noun = childOf(program, "plugins");
  noun
    .command("new")
    .summary("Begin a plugin")
    .description(
      "Write the project of a plugin for an extension point: it type-checks as it stands, and its\nconformance run says what to write next",
    )
    .addArgument(new Argument("<point>", "what it provides").choices(scaffolded))
    .argument("<name>", "its id and its package's name, such as blob-store")
    .option("--dir <folder>", "the folder to make; by default one of the plugin's name, here")
    .addHelpText("after", "\nExamples:\n  pagurus plugins new datastore blob-store")
    .action((point: Scaffolded, name: string, { dir = name }: { readonly dir?: string }) =>
      begin({ point, name, folder: resolve(dir), version: cli.host.version }, cli),
    );
  noun
    .command("check")
    .summary("Check plugins without starting them")
    .description("Say all that is wrong with the manifests and exports of plugins; nothing is started")
    .argument("<specifiers...>", "paths and package names, from this folder")
    .addHelpText("after", "\nExamples:\n  pagurus plugins check ./src/plugin.ts")
    .action((specifiers: readonly string[]) => check(specifiers, cli));
};

const begin = async (scaffold: Parameters<typeof writeScaffold>[0], cli: Cli): Promise<void> => {
  const { builtIns } = await import("../engine/built-ins.ts");
  const files = await writeScaffold(scaffold, new Set(builtIns.keys()));
  const { point, name, folder } = scaffold;
  if (cli.options.json) return answer(cli, { point, name, folder, files });
  const made = files.map((file) => `  ${file}\n`).join("");
  cli.host.out.write(
    `The plugin ${name} begins in ${folder}:\n${made}\nGo on there:\n  npm install\n  npm test\nWhat fails says what to write next.\n`,
  );
};

const check = async (specifiers: readonly string[], cli: Cli): Promise<void> => {
  const { builtIns } = await import("../engine/built-ins.ts");
  const plugins = await checkPlugins(specifiers, { builtIns, folder: process.cwd() });
  if (cli.options.json) answer(cli, { plugins });
  else cli.host.out.write(plugins.map(textOf).join(""));
  if (plugins.some(({ problems }) => problems.length > 0)) cli.endWith(exitCodes["bad-input"].code);
};

const textOf = ({ specifier, id, provides, functions, problems }: PluginVerdict): string => {
  if (problems.length > 0)
    return `${specifier}: wrong\n${problems.map(({ problem }) => `  - ${problem}\n`).join("")}`;
  const parts = [...provides, ...functions.map((name) => `the function ${name}`)];
  return `${specifier}: nothing is wrong with ${id}, which has ${parts.join(", ") || "neither points nor functions"}\n`;
};
