import { refuse } from "../options.ts";
import { debianPackage, type ProgramName, versionOf } from "../report/environment.ts";
import type { Bench } from "./bench.ts";

const missing = (program: ProgramName): string =>
  `${program} is not installed: apt-get install ${debianPackage(program)}`;

/** Says so where a peer is missing: it is left out. */
export const isInstalled = (bench: Bench, program: ProgramName): boolean => {
  if (versionOf(program) !== undefined) return true;
  bench.note(`${missing(program)}; it is left out`);
  return false;
};

/** Refuses to go on without what makes the load. */
export const demandInstalled = (program: ProgramName): void => {
  if (versionOf(program) === undefined) throw refuse(missing(program));
};
