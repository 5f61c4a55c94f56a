import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { CodedError } from "../../src/contract/index.ts";
import { reapedUs } from "./processes.ts";

/** A program that hasn't ended so long after it was told to is killed with all its processes. */
const STOP_MS = 10_000;
/** No copy and no load takes longer, unless a server doesn't answer any more. */
const RUN_MS = 300_000;
const SAID_CHARS = 2000;

export interface StartOptions {
  readonly signal: AbortSignal;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A running program, in a process group of its own: Ctrl-C is for the bench, which then ends everything in order. */
export interface Program {
  readonly pid: number;
  /** Standard output so far. */
  output(): string;
  /** The end of standard error so far. */
  said(): string;
  /** Its exit code or the name of the signal that ended it. */
  readonly ended: Promise<number | string>;
  /** The first line that it prints; rejects when it ends before. */
  readonly firstLine: Promise<string>;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

export const startProgram = (program: string, args: readonly string[], options: StartOptions): Program => {
  options.signal.throwIfAborted();
  const child = spawn(program, args, {
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    ...(options.env !== undefined && { env: { ...process.env, ...options.env } }),
  });
  const stdout: string[] = [];
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => stdout.push(text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr = (stderr + text).slice(-SAID_CHARS);
  });
  const ended = new Promise<number | string>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(code ?? signal ?? "unknown"));
  });
  ended.catch(() => undefined);
  const output = () => stdout.join("");
  const failed = (end: unknown) => programFailed(program, end, stderr);
  const firstLine = new Promise<string>((resolve, reject) => {
    child.stdout.on("data", () => {
      const [line, ...more] = output().split("\n");
      if (line !== undefined && more.length > 0) resolve(line);
    });
    ended.then((end) => reject(failed(end)), reject);
  });
  firstLine.catch(() => undefined);
  const stop = (signal: NodeJS.Signals = "SIGTERM") => stopped(child, signal);
  return { pid: child.pid ?? 0, output, said: () => stderr, ended, firstLine, stop };
};

/** The program's own words, where it had any. */
const programFailed = (program: string, end: unknown, said: string): CodedError =>
  new CodedError("internal", { reason: `${program} ended with ${String(end)}: ${said.trim() || "no word"}` });

/** The whole group: fio's processes don't all end with the first. */
const stopped = async (child: ChildProcess, signal: NodeJS.Signals): Promise<void> => {
  const { pid } = child;
  if (pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  const kill = setTimeout(() => process.kill(-pid, "SIGKILL"), STOP_MS);
  child.kill(signal);
  await gone;
  clearTimeout(kill);
};

export interface Ran {
  readonly output: string;
  readonly wallMs: number;
  /** Processor time of the program with its children. */
  readonly cpuUs: number;
}

/** Runs a program to its end; rejects when that isn't 0 or doesn't come in time, or with the signal's reason. */
export const runProgram = async (
  program: string,
  args: readonly string[],
  options: StartOptions & { readonly limitMs?: number },
): Promise<Ran> => {
  const limitMs = options.limitMs ?? RUN_MS;
  const cpuBefore = reapedUs();
  const startedMs = performance.now();
  const running = startProgram(program, args, options);
  const abort = () => void running.stop();
  options.signal.addEventListener("abort", abort);
  let late = false;
  const limit = setTimeout(() => {
    late = true;
    abort();
  }, limitMs);
  try {
    const end = await running.ended;
    const wallMs = performance.now() - startedMs;
    options.signal.throwIfAborted();
    if (late) throw new CodedError("deadline-exceeded", { operation: program, timeoutMs: limitMs });
    if (end !== 0) throw programFailed(program, end, running.said());
    return { output: running.output(), wallMs, cpuUs: reapedUs() - cpuBefore };
  } finally {
    clearTimeout(limit);
    options.signal.removeEventListener("abort", abort);
  }
};
