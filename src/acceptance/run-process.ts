import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CodedError } from "../contract/index.ts";
import { errorOf } from "../observations/index.ts";
import type { RunEnd, RunMessage, RunRequest } from "./messages.ts";
import type { Place } from "./place.ts";

/** How long a process may take to end what it has started, once nobody hears it any more. */
const LEAVE_MS = 5_000;
/** How much of what a process said last is told when it has died. */
const LAST_WORDS = 2000;

/** What would make the commands of a scenario call the server that runs it. */
const OF_THIS_SERVER = new Set(["DATA", "CONFIG", "LISTEN", "URL", "TOKEN"].map((name) => `PAGURUS_${name}`));

/**
 * Runs features in a process of its own, with all its children in a group of theirs. Resolves when it has done what
 * it was asked, whatever the scenarios' verdicts, and is gone. The signal ends it with all that it has started, and so
 * does the death of this process. `acceptance-run-died`, and whatever kept it from running.
 */
export const runFeaturesInProcess = async (
  request: RunRequest,
  options: {
    readonly place: Place;
    /** For what it makes on its way. */
    readonly temporary: string;
    readonly signal: AbortSignal;
    readonly hear: (message: RunMessage) => void;
  },
): Promise<RunEnd> => {
  const { place, temporary, signal, hear } = options;
  signal.throwIfAborted();
  const child = start(place, request, temporary);
  let patience: NodeJS.Timeout | undefined;
  const leave = () => {
    if (child.connected) child.disconnect();
    patience = setTimeout(() => killGroup(child), LEAVE_MS);
  };
  signal.addEventListener("abort", leave, { once: true });
  let last: RunMessage | undefined;
  child.on("message", (message: RunMessage) => {
    last = message;
    hear(message);
  });
  child.send(request);
  try {
    const death = await ended(child);
    signal.throwIfAborted();
    if (last?.kind === "failed") throw errorOf(last.failure);
    if (last?.kind !== "ended") throw new CodedError("acceptance-run-died", death);
    return last;
  } finally {
    signal.removeEventListener("abort", leave);
    clearTimeout(patience);
    // What it started and didn't end.
    killGroup(child);
  }
};

const start = (
  { root, checkout }: Place,
  { paths, subject }: RunRequest,
  temporary: string,
): ChildProcess => {
  const env = Object.entries(process.env).filter(([name]) => !OF_THIS_SERVER.has(name));
  // The steps of a checkout are TypeScript, and so is this file where it was not built.
  const sources = import.meta.url.endsWith(".ts") || (checkout && subject === undefined);
  const entry = sources
    ? join(root, "src/acceptance/entry.ts")
    : fileURLToPath(new URL("./entry.js", import.meta.url));
  return fork(entry, subject === undefined ? [...paths] : [], {
    cwd: subject === undefined ? root : subject.cwd,
    env: { ...Object.fromEntries(env), TMPDIR: temporary },
    execArgv: sources ? ["--import", import.meta.resolve("tsx"), "--conditions=@pagurus/source"] : [],
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    detached: true,
  });
};

/** Resolves when it is gone and all that it told has been heard. */
const ended = async (
  child: ChildProcess,
): Promise<{ code: number | string; signal: string; said: string }> => {
  let said = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-LAST_WORDS);
  });
  // Not `close`: what it left behind may hold its standard error open.
  const [[code, signal]] = await Promise.all([once(child, "exit"), once(child, "disconnect")]);
  return { code: code ?? "none", signal: signal ?? "none", said: said.trim() || "nothing" };
};

const killGroup = ({ pid }: ChildProcess): void => {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // Nothing of it is left.
  }
};
