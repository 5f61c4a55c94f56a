import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./free-port.ts";
import { credentials, environment, type OwnMinio } from "./minio.ts";
import { untilReady } from "./ready.ts";

const SAID_CHARS = 2000;

/**
 * Ends the server and removes its folder when whoever started it is gone, however that went: descriptor 3 is then at
 * its end. A line there says that the server has ended already.
 */
const guarded = '(read -r _ <&3 || { kill -KILL $$; rm -rf "$0"; }) & exec 3<&-; exec "$@"';

/** The server as a plain process with a folder of its own. */
export class MinioProcess implements OwnMinio {
  readonly url: string;
  readonly how: string;
  readonly accessKey = credentials.accessKey;
  readonly secretKey = credentials.secretKey;
  readonly #binary: string;
  readonly #folder: string;
  readonly #host: string;
  #server: ChildProcess | undefined;

  private constructor(binary: string, folder: string, port: number) {
    this.#binary = binary;
    this.#folder = folder;
    this.#host = `127.0.0.1:${port}`;
    this.url = `http://${this.#host}`;
    this.how = `the process ${binary}`;
  }

  static async start(binary: string): Promise<MinioProcess> {
    const folder = await mkdtemp(join(tmpdir(), "pagurus-minio-"));
    const minio = new MinioProcess(binary, folder, await freePort());
    await minio.start().catch(async (error: unknown) => {
      await minio.stop();
      throw error;
    });
    return minio;
  }

  async start(): Promise<void> {
    const log = openSync(this.#log, "a");
    const command = [this.#binary, "server", join(this.#folder, "data"), "--address", this.#host];
    // In a process group of its own: Ctrl-C is for whoever uses it.
    const server = spawn("sh", ["-c", guarded, this.#folder, ...command], {
      stdio: ["ignore", log, log, "pipe"],
      env: { ...process.env, ...environment },
      detached: true,
    });
    closeSync(log);
    letGo(server);
    this.#server = server;
    const ended = new AbortController();
    server.once("error", (error) => ended.abort(error));
    server.once("exit", () => ended.abort(new Error(`${this.#binary} ended: ${this.#said()}`)));
    await untilReady(this.url, ended.signal);
  }

  async kill(): Promise<void> {
    const server = this.#server;
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    const gone = once(server, "exit");
    server.ref();
    server.kill("SIGKILL");
    await gone;
  }

  async pause(): Promise<void> {
    this.#server?.kill("SIGSTOP");
  }

  async resume(): Promise<void> {
    this.#server?.kill("SIGCONT");
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }

  get #log(): string {
    return join(this.#folder, "server.log");
  }

  #said(): string {
    return readFileSync(this.#log, "utf8").slice(-SAID_CHARS).trim();
  }
}

/** Lets this process end while the server runs, which ends it. */
const letGo = (server: ChildProcess): void => {
  server.unref();
  const guard = server.stdio[3];
  if (!(guard instanceof Socket)) return;
  guard.unref();
  guard.on("error", () => undefined);
  server.once("exit", () => guard.end("ended\n"));
};
