import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { CodedError, reasonOf } from "../contract/index.ts";
import type { Cli } from "./cli.ts";
import { callFunction } from "./commands.ts";
import { jsonOf } from "./field-values.ts";

export const addInvokeCommand = (program: Command, cli: Cli): void => {
  program
    .command("invoke")
    .summary("call any function with JSON")
    .description("Call any function with its input as JSON: an argument, `-` for standard input, or `@file`")
    .argument("<function>", "its name, such as disks.create; see `pagurus functions list`")
    .argument("[input]", "JSON, `-` or `@file`; `{}` when left out")
    .option("--idempotency-key <key>", "repeating the call with the same key does it once")
    .option("--wait", "follow the job until it ends")
    .addHelpText(
      "after",
      `\nExamples:\n  pagurus invoke disks.create '{"name":"web","sizeBytes":1073741824}'\n  pagurus invoke migrations.start @move.json --wait`,
    )
    .action(async (name: string, input: string | undefined, options: Record<string, unknown>) => {
      const known = cli.functions.find((one) => one.name === name) ?? { name };
      await callFunction(known, await inputOf(input, cli), options, cli);
    });
};

const inputOf = async (given: string | undefined, { host }: Cli): Promise<unknown> => {
  if (given === undefined) return {};
  if (given === "-") return jsonOf(await host.readInput(), "standard input");
  if (!given.startsWith("@")) return jsonOf(given, "the command line");
  const path = given.slice(1);
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new CodedError("input-unreadable", { source: path, reason: reasonOf(cause) });
  });
  return jsonOf(text, path);
};
