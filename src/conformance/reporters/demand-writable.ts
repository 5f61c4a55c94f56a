import { accessSync, constants, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { CodedError, reasonOf } from "../../contract/index.ts";

/** Refuses what a run could not write at its end: told before it, and not when all the work is done. */
export const demandWritable = (path: string): void => {
  const problem = problemOf(resolve(path));
  if (problem === undefined) return;
  throw new CodedError("usage-invalid", {
    problem: `${path} can't be written: ${problem}`,
    help: "pagurus conform --help",
  });
};

const problemOf = (path: string): string | undefined => {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.isDirectory()) return "it is a folder; name a file";
    const folder = dirname(path);
    if (!found && !statSync(folder, { throwIfNoEntry: false })) return `make the folder ${folder} first`;
    accessSync(found ? path : folder, constants.W_OK);
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
};
