import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { reasonOf } from "../contract/errors.ts";
import { NoTrace } from "./other-processes.ts";

const writes = ["write", "pwrite64", "writev", "pwritev", "pwritev2"];
const reads = ["read", "pread64", "readv", "preadv", "preadv2"];
const syncs = ["fsync", "fdatasync"];
const sends = ["write", "writev", "sendmsg", "sendto"];
/** Long enough that whoever doesn't wait is found out; nothing else depends on it. */
const DELAY_US = 300_000;

const faults = {
  full: { calls: [...writes, "fallocate"], inject: "error=ENOSPC", files: true },
  "failing writes": { calls: writes, inject: "error=EIO", files: true },
  "failing reads": { calls: reads, inject: "error=EIO", files: true },
  "failing syncs": { calls: syncs, inject: "error=EIO", files: false },
  "slow syncs": { calls: syncs, inject: `delay_enter=${DELAY_US}`, files: false },
  "lost connections": { calls: sends, inject: "error=ECONNRESET", files: true },
  "slow connections": { calls: sends, inject: `delay_enter=${DELAY_US}`, files: true },
} as const;

/** How storage fails. */
export type FaultKind = keyof typeof faults;

/** A fault of the storage below another process, until it is ended. */
export class InjectedFault {
  readonly #tracer: ChildProcess;
  readonly #folder: string;

  constructor(tracer: ChildProcess, folder: string) {
    this.#tracer = tracer;
    this.#folder = folder;
  }

  /** From now on the process's calls on these files or connections fail. `NoTrace` where that can't be had. */
  static async begin(kind: FaultKind, pid: number, paths: readonly string[]): Promise<InjectedFault> {
    const { calls, inject, files } = faults[kind];
    const names = calls.map((name) => `?${name}`).join(",");
    const folder = await mkdtemp(join(tmpdir(), "pagurus-fault-"));
    const tracer = spawn(
      "strace",
      [
        ...["-f", "-p", `${pid}`, "-o", join(folder, "trace"), "-s", "0"],
        ...(files ? paths.flatMap((path) => ["-P", path]) : []),
        ...["-e", `trace=${names}`, "-e", `inject=${names}:${inject}`],
      ],
      { stdio: ["ignore", "ignore", "pipe"] },
    );
    try {
      await attached(tracer);
    } catch (error) {
      await rm(folder, { recursive: true });
      throw new NoTrace(reasonOf(error));
    }
    return new InjectedFault(tracer, folder);
  }

  /** The storage is sound again. Answers whether a call has met the fault. */
  async end(): Promise<boolean> {
    const ended = new Promise((resolve) => this.#tracer.once("close", resolve));
    this.#tracer.kill("SIGINT");
    if (this.#tracer.exitCode === null && this.#tracer.signalCode === null) await ended;
    const trace = await readFile(join(this.#folder, "trace"), "latin1");
    await rm(this.#folder, { recursive: true });
    return /\((INJECTED|DELAYED)\)/.test(trace);
  }
}

const attached = (tracer: ChildProcess): Promise<void> =>
  new Promise((resolve, reject) => {
    const lines: string[] = [];
    tracer.once("error", () => reject(new Error("strace is not installed")));
    tracer.once("close", () => reject(new Error(lines.join(" ") || "strace can't attach")));
    if (tracer.stderr)
      createInterface({ input: tracer.stderr }).on("line", (line) => {
        lines.push(line);
        if (/attached/.test(line)) resolve();
      });
  });
