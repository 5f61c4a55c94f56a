import { parseArgs } from "node:util";
import { CodedError, reasonOf } from "../src/contract/index.ts";

const tools = ["nbd", "copy", "move", "s3", "serve", "profile"] as const;
export type ToolName = (typeof tools)[number];

export interface BenchOptions {
  readonly tool: ToolName;
  readonly quick: boolean;
  /** Where to measure; empty: tmpfs and the folder for temporary files. */
  readonly folders: readonly string[];
  readonly json: string | undefined;
  readonly repetitions: number | undefined;
  /** Only work whose name contains one of these. */
  readonly only: readonly string[];
  readonly oldBuild: boolean;
}

export const usage = `Usage: npm run bench -- <nbd|copy|move|s3|serve|profile> [options]

Measures what is built (npm run build) beside its peers, in interleaved repetitions, and prints a table.

  nbd    the NBD server beside qemu-nbd and nbdkit: random and sequential, cold, with a move held, nbdcopy
  copy   the move of an idle sparse disk beside qemu-img convert, nbdcopy and cp
  move   the move of a disk that is being written beside QEMU's blockdev-mirror in both modes
  s3     disks in a bucket of MinIO beside local ones, plain requests to it and s3backer
  serve  start-up time and memory
  profile  where the NBD server's processor time goes (needs perf)

Options:
  --quick            less data, shorter and fewer repetitions: whether it works, not how fast it is
  --folder <dir>     where to measure; several times for several places (default: /dev/shm and the system's
                     folder for temporary files)
  --repetitions <n>  how often each thing is measured
  --only <text>      only work whose name contains this, such as "qd16"; may be given several times
  --json <file>      also write everything that was measured, every single repetition, to this file
  --old-build        measure dist although the sources are newer
  --help             print this

Exit codes: 0 done, 1 something of ours failed, 2 bad usage, 130 interrupted. docs/benchmarks.md says how to read it.
`;

const HELP = "npm run bench -- --help";
export const refuse = (problem: string): CodedError =>
  new CodedError("usage-invalid", { problem, help: HELP });

const isTool = (name: string | undefined): name is ToolName => tools.some((known) => known === name);

/** `undefined` where help was asked for. */
export const readOptions = (args: readonly string[]): BenchOptions | undefined => {
  const { positionals, values } = parsed(args);
  if (values.help) return undefined;
  const [tool, ...rest] = positionals;
  if (!isTool(tool)) throw refuse(`${tool ?? "Nothing"} is no bench: take one of ${tools.join(", ")}`);
  if (rest.length > 0) throw refuse(`One bench at a time: ${rest.join(" ")} is too much`);
  const repetitions = values.repetitions === undefined ? undefined : Number(values.repetitions);
  if (repetitions !== undefined && !(Number.isInteger(repetitions) && repetitions > 0))
    throw refuse(`--repetitions takes a number from 1 on, not ${values.repetitions}`);
  const { quick, folder: folders, json, only, "old-build": oldBuild } = values;
  return { tool, quick, folders, json, repetitions, only, oldBuild };
};

const parsed = (args: readonly string[]) => {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        quick: { type: "boolean", default: false },
        folder: { type: "string", multiple: true, default: [] },
        json: { type: "string" },
        repetitions: { type: "string" },
        only: { type: "string", multiple: true, default: [] },
        "old-build": { type: "boolean", default: false },
        help: { type: "boolean", default: false, short: "h" },
      },
    });
  } catch (error) {
    throw refuse(reasonOf(error).replace(/\.$/, ""));
  }
};
