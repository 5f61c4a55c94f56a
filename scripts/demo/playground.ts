import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { connectEngine } from "pagurus/engine";
import { readServerFile } from "../../src/cli/server-file.ts";
import { CodedError, type Engine, type JsonObject } from "../../src/contract/index.ts";
import { systemClock } from "../../src/engine/system-clock.ts";

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 15_000;
const LOOK_MS = 50;
const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

/** A server of its own, in a process of its own, with its folders in a temporary directory. */
export interface Playground {
  readonly dataDir: string;
  readonly folder: string;
  readonly url: string;
  readonly pid: number;
  readonly engine: Engine;
  /** The folder of the datastore `fast`. */
  readonly root: string;
  /** Lets the server go on when this process ends. */
  leave(): void;
  /** Ends the server and removes everything. */
  remove(): Promise<void>;
}

/** `archive` answers the section of that datastore, for a configuration in this folder. */
export const startPlayground = async (
  archive: (folder: string) => Promise<JsonObject>,
  signal: AbortSignal,
): Promise<Playground> => {
  const folder = await mkdtemp(join(tmpdir(), "pagurus-demo-"));
  const dataDir = join(folder, "data");
  const root = join(folder, "fast");
  await mkdir(root);
  const config = join(folder, "pagurus.yaml");
  const datastores = { fast: { plugin: "datastore-local", root }, archive: await archive(folder) };
  await writeFile(config, JSON.stringify({ datastores }), { mode: 0o600 });
  const server = startServer(["--data", dataDir, "--config", config, "--listen", "127.0.0.1:0"], folder);
  const remove = async () => {
    await stop(server);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const url = await urlOf(server, { dataDir, folder, signal });
    const token = (await readFile(join(dataDir, "token"), "utf8")).trim();
    const engine = connectEngine({ url, token });
    return {
      dataDir,
      folder,
      url,
      engine,
      pid: server.pid ?? 0,
      root,
      leave: () => server.unref(),
      async remove() {
        await engine.close();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
};

/** In a process group of its own: Ctrl-C is for the demo, which then ends the server in order. */
const startServer = (args: readonly string[], folder: string): ChildProcess => {
  const log = openSync(join(folder, "server.log"), "a");
  const command = ["--import", "tsx", "--conditions=@pagurus/source", main, "serve", ...args];
  const server = spawn(process.execPath, command, { stdio: ["ignore", log, log], detached: true });
  closeSync(log);
  return server;
};

const urlOf = async (
  server: ChildProcess,
  { dataDir, folder, signal }: { dataDir: string; folder: string; signal: AbortSignal },
): Promise<string> => {
  const startedMs = systemClock.monotonicMs();
  for (;;) {
    const found = await readServerFile(dataDir);
    if (found !== undefined) return found.url;
    if (server.exitCode !== null || server.signalCode !== null)
      throw new CodedError("server-ended", {
        code: server.exitCode ?? "none",
        signal: server.signalCode ?? "none",
        said: await readFile(join(folder, "server.log"), "utf8"),
      });
    if (systemClock.monotonicMs() - startedMs > START_TIMEOUT_MS)
      throw new CodedError("deadline-exceeded", {
        operation: "Starting the server",
        timeoutMs: START_TIMEOUT_MS,
      });
    await systemClock.sleep(LOOK_MS, signal);
  }
};

const stop = async (server: ChildProcess): Promise<void> => {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const gone = once(server, "exit");
  const giveUp = systemClock.after(STOP_TIMEOUT_MS, () => server.kill("SIGKILL"));
  server.kill("SIGTERM");
  await gone;
  giveUp();
};
