import { type Command, Option } from "commander";
import type { Cli } from "./cli.ts";
import { childOf } from "./commands.ts";

export const addConfigCommands = (program: Command, cli: Cli): void => {
  const noun = childOf(program, "config");
  void noun;
  void cli;
  void Option;
};
