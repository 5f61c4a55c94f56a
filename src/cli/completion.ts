import { Argument, type Command } from "commander";
import type { Cli } from "./cli.ts";

const shells = ["bash", "zsh", "fish"] as const;
type Shell = (typeof shells)[number];

/** Words that may follow each command: its commands, or its flags. By the command's words, `""` for none. */
const wordsByCommand = (command: Command, path = ""): ReadonlyMap<string, readonly string[]> => {
  const children = command.commands.filter((child) => child.name() !== "help");
  const flags = command.options.filter(({ hidden }) => !hidden).map(({ long }) => long ?? "");
  const words = [...children.map((child) => child.name()), ...flags].filter(Boolean);
  return new Map([
    [path, words],
    ...children.flatMap((child) => [...wordsByCommand(child, `${path} ${child.name()}`.trim())]),
  ]);
};

/** One branch of a shell's `case` for each command that `wanted` takes. */
const branches = (program: Command, wanted: (path: string) => boolean): string => {
  const globals = program.options.map(({ long }) => long ?? "");
  return [...wordsByCommand(program)]
    .filter(([path]) => wanted(path))
    .map(([path, words]) => `    "${path}") words="${[...new Set([...words, ...globals])].join(" ")}" ;;`)
    .join("\n");
};

const bash = (program: Command): string => `_pagurus() {
  local words="" path="" i
  for ((i = 1; i < COMP_CWORD && i < 3; i++)); do
    [[ \${COMP_WORDS[i]} == -* ]] && break
    path="\${path:+$path }\${COMP_WORDS[i]}"
  done
  case "$path" in
${branches(program, () => true)}
    *) case "\${path%% *}" in
${branches(program, (path) => path !== "" && !path.includes(" "))}
    esac ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _pagurus pagurus
`;

/** zsh runs the script for bash by its own means. */
const zsh = (program: Command): string =>
  `#compdef pagurus\nautoload -U +X bashcompinit && bashcompinit\n${bash(program)}`;

const fish = (program: Command): string => {
  const lines = [...wordsByCommand(program)].flatMap(([path, words]) => {
    const seen = path.split(" ").filter(Boolean);
    const condition =
      seen.length === 0
        ? "__fish_use_subcommand"
        : seen.map((word) => `__fish_seen_subcommand_from ${word}`).join("; and ");
    return words.map((word) =>
      word.startsWith("--")
        ? `complete -c pagurus -n '${condition}' -l ${word.slice(2)}`
        : `complete -c pagurus -f -n '${condition}' -a ${word}`,
    );
  });
  return `${lines.join("\n")}\n`;
};

const scripts: Readonly<Record<Shell, (program: Command) => string>> = { bash, zsh, fish };

export const addCompletionCommand = (program: Command, { host }: Cli): void => {
  program
    .command("completion")
    .summary("print a completion script for a shell")
    .description("Print a completion script; it knows the commands of the server that answers now")
    .addArgument(new Argument("<shell>", "the shell").choices(shells))
    .addHelpText("after", "\nExamples:\n  source <(pagurus completion bash)")
    .action((shell: Shell) => {
      host.out.write(scripts[shell](program));
    });
};
