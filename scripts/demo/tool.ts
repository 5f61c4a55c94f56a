import { spawnSync } from "node:child_process";
import { CodedError } from "../../src/contract/index.ts";

/** Refuses a client whose program is not there, saying how to get it (Debian's names). */
export const demandTool = (program: string, debianPackage: string): void => {
  const { error } = spawnSync(program, ["--version"], { stdio: "ignore" });
  if (error !== undefined)
    throw new CodedError("usage-invalid", {
      problem: `The program ${program} is not installed (Debian: apt-get install ${debianPackage})`,
      help: "npm run demo -- --help",
    });
};
