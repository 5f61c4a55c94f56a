import type { Engine, FunctionDescription } from "../contract/index.ts";
import type { GlobalOptions } from "./global-options.ts";
import type { CliHost } from "./host.ts";
import { rendered } from "./render.ts";

/** What the commands of one run work with. */
export interface Cli {
  readonly host: CliHost;
  readonly options: GlobalOptions;
  /** Those of the reachable server, else the built-in ones. */
  readonly functions: readonly FunctionDescription[];
  engine(): Promise<Engine>;
  /** The exit code of this run; without it a command that ends well ends with 0. */
  endWith(code: number): void;
}

/** Prints what a command answers: JSON, or a table or keys and values for people. */
export const answer = ({ host, options }: Cli, output: unknown, none?: string): void => {
  host.out.write(options.json ? `${JSON.stringify(output ?? null, undefined, 2)}\n` : rendered(output, none));
};

/** Something good to know that is no answer. */
export const remark = ({ host, options }: Cli, text: string): void => {
  if (!options.json && !options.quiet) host.err.write(`${text}\n`);
};
