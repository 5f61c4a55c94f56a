import { type ChildProcess, execFile, spawn } from "node:child_process";
import { CodedError } from "../contract/index.ts";
import { errnoOf } from "./failures.ts";
import type { ImageFormat } from "./format.ts";

/** What a program may say before it is cut off. */
const MOST_OUTPUT_BYTES = 4 * 1024 * 1024;
const environment = (): NodeJS.ProcessEnv => ({ ...process.env, LC_ALL: "C" });

/** What a program of QEMU's is called for. */
export interface ProgramUse {
  readonly program: "qemu-img" | "qemu-nbd";
  readonly format: ImageFormat;
  readonly path: string;
}

/** Runs `qemu-img` to its end and answers what it printed. `image-program-missing`, `image-program-failed`, `image-in-use`. */
export const output = (use: ProgramUse, args: readonly string[], signal?: AbortSignal): Promise<string> =>
  new Promise((resolve, reject) => {
    const options = { env: environment(), maxBuffer: MOST_OUTPUT_BYTES, ...(signal && { signal }) };
    execFile(use.program, args, options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else if (signal?.aborted) reject(signal.reason);
      else reject(programFailure(use, error, stderr));
    });
  });

/** A program that serves until it is told to end, or dies with what it said. */
export interface ServingProgram {
  readonly child: ChildProcess;
  /** Resolves when it has ended well; rejects as `output` does. */
  readonly ended: Promise<void>;
}

export function serving(use: ProgramUse, args: readonly string[]): ServingProgram {
  const child = spawn(use.program, args, { env: environment(), stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-MOST_OUTPUT_BYTES);
  });
  const ended = new Promise<void>((resolve, reject) => {
    child.once("error", (error) => reject(programFailure(use, error, said)));
    child.once("close", (code, signal) =>
      code === 0
        ? resolve()
        : reject(programFailure(use, new Error(signal ?? `it ended with ${code}`), said)),
    );
  });
  ended.catch(() => undefined);
  return { child, ended };
}

function programFailure({ program, format, path }: ProgramUse, cause: Error, said: string): CodedError {
  if (errnoOf(cause) === "ENOENT") return new CodedError("image-program-missing", { format, program });
  if (/Failed to (get|lock) .*lock/i.test(said)) return new CodedError("image-in-use", { path }, { cause });
  const [line = ""] = said
    .trim()
    .split("\n")
    .filter((text) => !text.startsWith("Is another process"));
  const reason = line.replace(/^qemu-(img|nbd): /, "") || cause.message;
  return new CodedError("image-program-failed", { program, path, reason }, { cause });
}

/** An image by its path and format alone: nothing that it says of other files, and no prefix of the path, is followed. */
export const blockdev = (path: string, format: ImageFormat): string =>
  `json:${JSON.stringify({ driver: format, backing: null, file: { driver: "file", filename: path } })}`;

/** Refuses what the machine has no programs for: `image-program-missing`. */
export async function demandPrograms(path: string, format: ImageFormat): Promise<void> {
  if (format === "raw") return;
  for (const program of ["qemu-img", "qemu-nbd"] as const)
    await output({ program, format, path }, ["--version"]);
}
