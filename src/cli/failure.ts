import { randomUUID } from "node:crypto";
import { CommanderError } from "commander";
import { CodedError } from "../contract/index.ts";
import { problemOf } from "../edge/problem.ts";
import { createCodebook } from "../observations/index.ts";
import { exitCodes } from "./exit-code.ts";
import type { TextOut } from "./host.ts";

/** Tells of a failure once, as a sentence or as the problem object that HTTP gives, and answers the exit code. */
export const tellFailure = (error: unknown, { json, err }: { json: boolean; err: TextOut }): number => {
  if (isHelp(error)) return error.exitCode === 0 ? exitCodes.ok.code : exitCodes["bad-input"].code;
  const failure = error instanceof CommanderError ? usageError(error) : error;
  const problem = problemOf(failure, randomUUID(), createCodebook());
  err.write(json ? `${JSON.stringify(problem)}\n` : `pagurus: ${problem.detail}\n`);
  return exitCodes[problem.kind].code;
};

/** Help and version end the parsing by throwing too; they were printed already. */
const isHelp = (error: unknown): error is CommanderError =>
  error instanceof CommanderError &&
  ["commander.help", "commander.helpDisplayed", "commander.version"].includes(error.code);

const usageError = (error: CommanderError): CodedError => {
  const said = error.message.replace(/^error: /, "").replace(/\s+/g, " ");
  const problem = said.charAt(0).toUpperCase() + said.slice(1);
  return new CodedError("usage-invalid", { problem: problem.replace(/\.$/, ""), help: "pagurus help" });
};
