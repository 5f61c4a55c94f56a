import { type Command, InvalidArgumentError } from "commander";
import type { JsonObject } from "../contract/index.ts";
import type { Cli } from "./cli.ts";
import { configurationOf, setting } from "./conform-configuration.ts";
import { reportersOf, reportTarget } from "./conform-reports.ts";
import { exitCodes } from "./exit-code.ts";

interface ConformFlags {
  readonly config?: string;
  readonly set?: JsonObject;
  readonly otherHost?: JsonObject;
  readonly point?: string;
  readonly tags?: string;
  readonly seed?: number;
  readonly bail?: true;
  readonly parallel?: number;
  readonly thorough?: true;
  readonly report?: readonly string[];
  readonly coverage?: string;
  readonly renewCoverage?: true;
}

const help = `
A plugin is named by the id of one of ours, by the name of a package, or by a path (\`.ts\` too). Each instance behind
an extension point, and the functions of a plugin, are put to the test in a process of their own.

Configuration: --set gives single values, JSON or text; --config gives a \`pagurus.yaml\`, each instance of which is put
to the test, or all values as JSON (a text that begins with \`{\`). {tmp} becomes a fresh folder for each scenario.

Examples:
  pagurus conform datastore-local
  pagurus conform ./my-store.ts --set root={tmp} --tags @rule:flush-is-durable
  pagurus conform --config pagurus.yaml --report html=conformance.html --report junit=junit.xml

The exit code is 0 only where something was put to the test and nothing failed.`;

const each = (value: string, earlier: readonly string[] = []): readonly string[] => [...earlier, value];

const count = (text: string): number => {
  const number = Number(text);
  if (text.trim() === "" || !Number.isInteger(number) || number < 0)
    throw new InvalidArgumentError(`${text} is not a whole number.`);
  return number;
};

/** `conform`: the shipped features against anybody's plugins. Asks no server. */
export const addConformCommand = (program: Command, cli: Cli): void => {
  program
    .command("conform [plugins...]")
    .description("Run the conformance features of plugins' extension points against them")
    .option("--config <file>", "a pagurus.yaml, or the plugin's configuration as JSON")
    .option("--set <key=value>", "a value of the plugin's configuration; may be repeated", setting)
    .option(
      "--other-host <key=value>",
      "what of it is otherwise on another host, for stores that several share; may be repeated",
      setting,
    )
    .option("--point <name>", "one extension point, such as datastore, or function")
    .option("--tags <expression>", "narrow the scenarios by a tag expression")
    .option("--seed <number>", "repeat the random parts of an earlier run, which printed it", count)
    .option("--bail", "stop at the first failure")
    .option("--parallel <number>", "how many processes share the scenarios of each subject", count)
    .option("--thorough", "have random and large checks do many times as much")
    .option("--report <kind=file>", `also write a report: ${reportTarget}; may be repeated`, each)
    .option("--coverage <file>", "fail where less is put to the test than this committed file says")
    .option("--renew-coverage", "write that file anew")
    .addHelpText("after", help)
    .action(async (plugins: readonly string[], flags: ConformFlags) => {
      // Loaded here alone: help and completion need nothing of it.
      const { conform } = await import("../conformance/conform.ts");
      const { config: _, set: __, report, coverage, ...same } = flags;
      const { ok } = await conform({
        ...same,
        ...(coverage === undefined ? {} : { coverageFile: coverage }),
        plugins,
        ...configurationOf(flags),
        signal: cli.host.signal,
        report: await reportersOf(report ?? [], cli),
      });
      if (!ok) cli.endWith(exitCodes.internal.code);
    });
};
