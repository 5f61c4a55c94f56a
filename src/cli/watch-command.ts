import type { Command } from "commander";
import type { Cli } from "./cli.ts";
import { childOf } from "./commands.ts";
import { watch } from "./wait.ts";

/** Adds `watch` to every noun whose things are jobs: those that can be shown and cancelled. */
export const addWatchCommands = (program: Command, cli: Cli): void => {
  const names = new Set(cli.functions.map(({ name }) => name));
  for (const name of names) {
    const [noun = "", verb] = name.split(".");
    if (verb !== "cancel" || !names.has(`${noun}.show`)) continue;
    childOf(program, noun)
      .command("watch")
      .argument("<id>", "id of the job")
      .description("Follow a job until it ends; Ctrl-C stops the watching, never the job")
      .addHelpText("after", `\nExamples:\n  pagurus ${noun} watch 7 --json`)
      .action((id: string) => watch(cli, id));
  }
};
