import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Catalog, JsonObject } from "../../contract/index.ts";
import { NbdClient } from "../../testing/index.ts";
import { type CreatedEngine, createEngine } from "../create-engine.ts";
import type { RawConfiguration } from "../index.ts";
import { loadConfiguration } from "../index.ts";
import { Holds } from "./holds.ts";

export interface DiskView {
  readonly id: string;
  readonly state: string;
  readonly sizeBytes: number;
  readonly datastore: string;
  readonly epoch: number;
  readonly migration?: string;
  readonly report?: string;
  readonly layers: readonly { readonly layer: string; readonly location?: string }[];
  readonly exports: readonly { readonly uri: string }[];
}
export interface JobView {
  readonly id: string;
  readonly state: string;
  readonly phase: string;
  readonly outcome: { readonly code: string } | null;
  readonly input: JsonObject;
  readonly progress: JsonObject | null;
  readonly report: { readonly sentence: string } | null;
  readonly pauseMs: number;
  readonly attempts: number;
  readonly warnings: readonly string[];
}

export interface TestEngineOptions {
  readonly diskThreads?: number;
  /** Sections of the configuration, in place of two local datastores `fast` and `archive`. */
  readonly sections?: (folder: string) => JsonObject;
  readonly throughCatalog?: (catalog: Catalog) => Catalog;
  /** Instead of a fresh one; then it is not removed. */
  readonly folder?: string;
  readonly logLevel?: string;
}

export const MIB = 1024 * 1024;
export const STORES = ["fast", "archive"] as const;

/** A whole engine over a folder of its own, held where a test says. */
export class TestEngine {
  readonly folder: string;
  readonly holds: Holds;
  readonly created: CreatedEngine;
  readonly #clients: NbdClient[] = [];

  private constructor(folder: string, holds: Holds, created: CreatedEngine) {
    this.folder = folder;
    this.holds = holds;
    this.created = created;
  }

  static async start(options: TestEngineOptions = {}): Promise<TestEngine> {
    const folder = options.folder ?? (await mkdtemp(join(tmpdir(), "pagurus-engine-")));
    if (options.folder === undefined) for (const store of STORES) await mkdir(join(folder, store));
    const holds = new Holds();
    const created = await createEngine({
      configuration: await configured(folder, options),
      version: "0.0.0",
      logLevel: options.logLevel ?? "silent",
      probe: (point) => holds.reach(point),
      ...(options.throughCatalog && { throughCatalog: options.throughCatalog }),
    });
    return new TestEngine(folder, holds, created);
  }

  async call<T = unknown>(
    name: string,
    input: object,
    options: { idempotencyKey?: string } = {},
  ): Promise<T> {
    return (await this.created.engine.invoke(name, input, options)).output as T;
  }

  create(name: string, datastore: string = STORES[0], sizeBytes = 4 * MIB): Promise<DiskView> {
    return this.call("disks.create", { name, sizeBytes, datastore });
  }

  disk(name: string): Promise<DiskView> {
    return this.call("disks.show", { name });
  }

  job(id: string): Promise<JobView> {
    return this.call("jobs.show", { id });
  }

  move(disks: readonly string[], options: object = {}): Promise<JobView> {
    return this.call("migrations.start", { disks, to: STORES[1], ...options });
  }

  /** The job, once it has ended. */
  async ended({ id }: { readonly id: string }): Promise<JobView> {
    await this.until({ types: ["job.ended"], job: id }, async () => hasEnded(await this.job(id)));
    return this.job(id);
  }

  /** Resolves when `holds` answers true, asked at first and after every event of the filter. */
  async until(
    filter: { readonly types?: readonly string[]; readonly job?: string; readonly disk?: string },
    holds: () => Promise<boolean>,
  ): Promise<void> {
    const stop = new AbortController();
    const events = this.created.engine.events(filter, { signal: stop.signal })[Symbol.asyncIterator]();
    let next = events.next();
    try {
      while (!(await holds())) {
        await next;
        next = events.next();
      }
    } finally {
      stop.abort();
      await next.catch(() => undefined);
    }
  }

  async connect(name: string): Promise<NbdClient> {
    const { exports } = await this.disk(name);
    const client = await NbdClient.connect(exports[0]?.uri as string);
    this.#clients.push(client);
    return client;
  }

  /** Names of the layers' files in the local datastore's folder. */
  async files(store: string): Promise<readonly string[]> {
    return (await readdir(join(this.folder, store))).sort();
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.destroy();
    await this.created.engine.close();
  }

  async end(): Promise<void> {
    this.holds.end();
    await this.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

const hasEnded = ({ state }: JobView): boolean => state !== "queued" && state !== "running";

async function configured(folder: string, options: TestEngineOptions): Promise<RawConfiguration> {
  const dataDir = join(folder, "data");
  await mkdir(dataDir, { recursive: true });
  const configuration = await loadConfiguration({ dataDir, env: {}, path: undefined });
  return {
    ...configuration,
    values: {
      ...configuration.values,
      server: { diskThreads: options.diskThreads ?? 0 },
      datastores: Object.fromEntries(
        STORES.map((id) => [id, { plugin: "datastore-local", root: join(folder, id) }]),
      ),
      ...options.sections?.(folder),
    },
  };
}
