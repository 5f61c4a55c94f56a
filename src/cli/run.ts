import { CodedError, type FunctionDescription } from "../contract/index.ts";
import type { Cli } from "./cli.ts";
import { type Connection, createConnection } from "./connection.ts";
import { exitCodes } from "./exit-code.ts";
import { tellFailure } from "./failure.ts";
import { readGlobalOptions } from "./global-options.ts";
import type { CliHost } from "./host.ts";
import { createProgram } from "./program.ts";

/** Runs one command line and answers its exit code; nothing is thrown. */
export const run = async (argv: readonly string[], host: CliHost): Promise<number> => {
  const { options, words } = readGlobalOptions(argv, host.env);
  const connection = createConnection(options, host);
  let code: number = exitCodes.ok.code;
  try {
    const cli: Cli = {
      host,
      options,
      functions: await functionsFor(words, connection, host),
      engine: connection.engine,
      endWith(given) {
        code = given;
      },
    };
    await createProgram(cli).parseAsync(helpAsFlag(argv, words), { from: "user" });
    return code;
  } catch (error) {
    const told = wasInterrupted(error, words, host)
      ? new CodedError("call-interrupted", { function: words.slice(0, 2).join(" ") })
      : connection.explain(error);
    return tellFailure(told, { json: options.json, err: host.err });
  } finally {
    await connection.close();
  }
};

/** Commands that ask no server; they must not wait for one either. */
const local = new Set(["serve", "config", "conform", "--version", undefined]);

const functionsFor = (
  [word, verb = ""]: readonly string[],
  connection: Connection,
  host: CliHost,
): Promise<readonly FunctionDescription[]> =>
  local.has(word) || (word === "plugins" && ["new", "check"].includes(verb))
    ? host.builtIn()
    : connection.functions();

/** `help disks create` is `disks create --help`: commander's own goes one level deep. */
const helpAsFlag = (argv: readonly string[], words: readonly string[]): readonly string[] =>
  words[0] === "help" ? [...words.slice(1), "--help"] : argv;

const wasInterrupted = (error: unknown, [word]: readonly string[], { signal }: CliHost): boolean =>
  signal.aborted && word !== "serve" && !CodedError.is(error, "wait-stopped");
