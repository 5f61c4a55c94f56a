import { Writable } from "node:stream";
import type { Command } from "commander";
import { CodedError, type JsonObject, reasonOf } from "../contract/index.ts";
import type { Cli } from "./cli.ts";
import { exitCodes } from "./exit-code.ts";

interface ConformFlags {
  readonly point?: string;
  readonly config?: string;
  readonly tags?: string;
  readonly seed?: string;
}

/** `conform`: the shipped features against anybody's plugin. Asks no server. */
export const addConformCommand = (program: Command, cli: Cli): void => {
  program
    .command("conform <plugin>")
    .description("Run the conformance features of a plugin's extension points against it")
    .option("--point <name>", "one extension point of those that it provides, such as datastore")
    .option("--config <json>", "the plugin's configuration; {tmp} becomes a fresh folder for each scenario")
    .option("--tags <expression>", "narrow the scenarios by a tag expression")
    .option("--seed <number>", "repeat the random parts of an earlier run, which printed it")
    .addHelpText(
      "after",
      '\nExamples:\n  pagurus conform datastore-local\n  pagurus conform ./my-store.ts --config \'{"root":"{tmp}"}\'',
    )
    .action(async (plugin: string, flags: ConformFlags) => {
      // Loaded here alone: it brings the whole of Cucumber.
      const { conform } = await import("../conformance/index.ts");
      const { config, point, tags, seed } = flags;
      const { ok } = await conform({
        plugin,
        stdout: textTo(cli),
        ...(config !== undefined && { config: configOf(config) }),
        ...(point !== undefined && { point }),
        ...(tags !== undefined && { tags }),
        ...(seed !== undefined && { seed: Number(seed) }),
      });
      if (!ok) cli.endWith(exitCodes.internal.code);
    });
};

const configOf = (json: string): JsonObject => {
  try {
    return JSON.parse(json) as JsonObject;
  } catch (cause) {
    throw new CodedError(
      "usage-invalid",
      { problem: `--config is not JSON: ${reasonOf(cause)}`, help: "pagurus conform --help" },
      { cause },
    );
  }
};

const textTo = ({ host }: Cli): Writable =>
  new Writable({
    write(chunk, _encoding, done) {
      host.out.write(String(chunk));
      done();
    },
  });
