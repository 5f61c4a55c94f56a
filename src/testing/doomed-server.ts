import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { CodedError } from "../contract/index.ts";

/** How much of what a server says on standard error is kept. */
const KEPT_CHARACTERS = 64 * 1024;

/** What a server in a process of its own is started with. */
export interface ServerProcessOptions {
  /** Absolute; made where it is missing. */
  readonly dataDir: string;
  /** `pagurus.yaml`; absent: the defaults. */
  readonly configPath?: string;
}

/** What a server's process is told, and what it says, besides HTTP. */
export type Order = { readonly killAt: string };
export type Said = { readonly ready: { readonly url: string; readonly tokenFile: string } } | "armed";

/** How a process has ended. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A real server in a process of its own. */
export class ServerProcess {
  readonly url: string;
  readonly token: string;
  /** Resolves when the process has ended, however it did. */
  readonly exited: Promise<ProcessEnd>;
  readonly #child: ChildProcess;
  readonly #errors: () => string;

  constructor(options: {
    child: ChildProcess;
    url: string;
    token: string;
    exited: Promise<ProcessEnd>;
    errors: () => string;
  }) {
    this.#child = options.child;
    this.url = options.url;
    this.token = options.token;
    this.exited = options.exited;
    this.#errors = options.errors;
  }

  /** What it has said on standard error, its end if that is long. */
  get errors(): string {
    return this.#errors();
  }

  /** From when it resolves, the process ends itself with SIGKILL the next time that it comes to this crash point. */
  async killAt(point: string): Promise<void> {
    const armed = once(this.#child, "message");
    this.#child.send({ killAt: point } satisfies Order);
    await armed;
  }

  /** As a person stops it. */
  async stop(): Promise<ProcessEnd> {
    this.#child.kill("SIGTERM");
    return this.exited;
  }

  /** As the kernel or a power cut ends it. */
  async kill9(): Promise<ProcessEnd> {
    this.#child.kill("SIGKILL");
    return this.exited;
  }
}

/** Starts `pagurus serve` in a process of its own; resolves when it is ready. */
export const startServer = (options: ServerProcessOptions): Promise<ServerProcess> => start(options, []);

/**
 * The same, but it ends itself with SIGKILL when it comes to the crash point, one of `crashPoints`, also while it
 * recovers from an earlier crash: `exited` then resolves, and this rejects where it wasn't ready before.
 */
export const startDoomedServer = (
  options: ServerProcessOptions & { readonly killAt: string },
): Promise<ServerProcess> => start(options, [options.killAt]);

async function start(
  { dataDir, configPath = "" }: ServerProcessOptions,
  doom: readonly string[],
): Promise<ServerProcess> {
  const sources = import.meta.url.endsWith(".ts");
  const script = new URL(sources ? "./doomed-main.ts" : "./doomed-main.js", import.meta.url);
  const loader = sources ? ["--import", "tsx", "--conditions=@pagurus/source"] : [];
  const child = spawn(process.execPath, [...loader, fileURLToPath(script), dataDir, configPath, ...doom], {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    // The size of libuv's pool is read before any module runs.
    env: { ...process.env, UV_THREADPOOL_SIZE: "16" },
  });
  let errors = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    errors = (errors + text).slice(-KEPT_CHARACTERS);
  });
  const exited = new Promise<ProcessEnd>((resolve) => {
    child.once("exit", (code, signal) => resolve({ code, signal }));
  });
  const ready = once(child, "message").then(([said]) => (said as Exclude<Said, "armed">).ready);
  const ended = exited.then(({ code, signal }) => {
    throw new CodedError("server-ended", { code: code ?? "none", signal: signal ?? "none", said: errors });
  });
  const { url, tokenFile } = await Promise.race([ready, ended]);
  ended.catch(() => undefined);
  const token = (await readFile(tokenFile, "utf8")).trim();
  return new ServerProcess({ child, url, token, exited, errors: () => errors });
}
