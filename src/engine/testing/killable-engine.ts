import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CodedError, type Engine, type Stamp } from "../../contract/index.ts";
import { type ProcessEnd, type ServerProcess, startServer } from "../../testing/index.ts";
import { connectEngine } from "../remote/index.ts";
import { type JobView, STORES } from "./test-engine.ts";

/** A whole server in a process of its own over a folder of its own, which is killed where a test says. */
export class KillableEngine {
  readonly folder: string;
  #server: ServerProcess;
  #engine: Engine;

  private constructor(folder: string, server: ServerProcess, engine: Engine) {
    this.folder = folder;
    this.#server = server;
    this.#engine = engine;
  }

  static async start(): Promise<KillableEngine> {
    const folder = await mkdtemp(join(tmpdir(), "pagurus-crash-"));
    for (const store of STORES) await mkdir(join(folder, store));
    const datastores = Object.fromEntries(
      STORES.map((id) => [id, { plugin: "datastore-local", root: join(folder, id) }]),
    );
    await writeFile(join(folder, "pagurus.yaml"), JSON.stringify({ server: { diskThreads: 2 }, datastores }));
    const server = await serverOver(folder);
    return new KillableEngine(folder, server, engineOf(server));
  }

  async call<T>(name: string, input: object): Promise<T> {
    return (await this.#engine.invoke(name, input)).output as T;
  }

  /** Starts it again over what its end has left. */
  async restart(): Promise<void> {
    this.#server = await serverOver(this.folder);
    this.#engine = engineOf(this.#server);
  }

  /** From when it resolves, the process kills itself the next time that it comes to the point. */
  killAt(point: string): Promise<void> {
    return this.#server.killAt(point);
  }

  get exited(): Promise<ProcessEnd> {
    return this.#server.exited;
  }

  /** Makes the call and starts again after a kill at the point that it comes to, or once it is answered. */
  async killedAt(point: string, call: () => Promise<unknown>): Promise<void> {
    if (point === "answered") {
      await call();
      await this.#server.kill9();
    } else {
      await this.killAt(point);
      await call().catch(unlessCoded);
    }
    const { signal } = await this.exited;
    if (signal !== "SIGKILL") throw new TypeError(`it ended by ${signal}, not at ${point}`);
    await this.restart();
  }

  /** The job, once it has ended. */
  ended(id: string): Promise<JobView> {
    return this.until(id, ({ state }) => !["queued", "running"].includes(state));
  }

  /** The job once it is so, as it is found at first and after each of its events. */
  async until(id: string, holds: (job: JobView) => boolean): Promise<JobView> {
    const stop = new AbortController();
    const events = this.#engine.events({ job: id }, { signal: stop.signal })[Symbol.asyncIterator]();
    let next = events.next();
    try {
      for (;;) {
        const job = await this.call<JobView>("jobs.show", { id });
        if (holds(job)) return job;
        await next;
        next = events.next();
      }
    } finally {
      stop.abort();
      await next.catch(() => undefined);
    }
  }

  /** Names of what is in the local datastore's folder. */
  async files(store: string): Promise<readonly string[]> {
    return (await readdir(join(this.folder, store))).sort();
  }

  /** Names of the sockets that disks are served on. */
  sockets(): Promise<readonly string[]> {
    return readdir(join(this.folder, "data", "run"));
  }

  /** What is kept of a layer beside its image. */
  async sidecar(
    store: string,
    layer: string,
  ): Promise<{ readonly sizeBytes: number; readonly stamp: Stamp }> {
    return JSON.parse(await readFile(join(this.folder, store, `${layer}.json`), "utf8"));
  }

  async end(): Promise<void> {
    await this.#server.kill9();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Whoever waited for an answer was told that the server is gone. */
const unlessCoded = (error: unknown): void => {
  if (!CodedError.is(error)) throw error;
};

const serverOver = (folder: string): Promise<ServerProcess> =>
  startServer({ dataDir: join(folder, "data"), configPath: join(folder, "pagurus.yaml") });

const engineOf = ({ url, token }: ServerProcess): Engine => connectEngine({ url, token });
