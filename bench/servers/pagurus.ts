import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connectEngine } from "pagurus/engine";
import { Disk, type Engine, type JsonObject } from "../../src/contract/index.ts";
import { projectFolder } from "../common/built.ts";
import { type Program, startProgram } from "../common/program.ts";

const LIMIT_MS = 60_000;

export interface PagurusOptions {
  readonly folder: string;
  readonly signal: AbortSignal;
  /** Datastores besides `left` and `right`, two folders of `datastore-local`: their sections of `pagurus.yaml`. */
  readonly datastores?: Readonly<Record<string, JsonObject>>;
  readonly plugins?: readonly string[];
  readonly diskThreads?: number;
}

/** `pagurus serve` as it was built, with the datastores `left` and `right`. */
export interface Pagurus {
  readonly engine: Engine;
  readonly pid: number;
  /** From the start of the process to its line that says `ready`. */
  readonly readyMs: number;
  createDisk(name: string, sizeBytes: number, datastore?: string): Promise<{ uri: string; file: string }>;
  /** Where the disk is now. */
  show(name: string): Promise<{ readonly datastore: string; readonly file: string; readonly uri: string }>;
  stop(): Promise<void>;
}

export const startPagurus = async (options: PagurusOptions): Promise<Pagurus> => {
  const { folder, signal, diskThreads } = options;
  const roots = { left: join(folder, "left"), right: join(folder, "right") };
  for (const root of Object.values(roots)) await mkdir(root, { recursive: true });
  const configuration = {
    server: { listen: "127.0.0.1:0", ...(diskThreads !== undefined && { diskThreads }) },
    plugins: options.plugins ?? [],
    datastores: {
      left: { plugin: "datastore-local", root: roots.left },
      right: { plugin: "datastore-local", root: roots.right },
      ...options.datastores,
    },
  };
  const config = join(folder, "pagurus.yaml");
  // JSON is YAML.
  await writeFile(config, JSON.stringify(configuration));
  const startedMs = performance.now();
  const program = startProgram(
    process.execPath,
    [join(projectFolder, "bin", "pagurus.cjs"), "serve", "--data", join(folder, "data"), "--config", config],
    { signal },
  );
  return ready(program, startedMs, signal).catch(async (error: unknown) => {
    await program.stop();
    throw error;
  });
};

const ready = async (program: Program, startedMs: number, signal: AbortSignal): Promise<Pagurus> => {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]);
  const [, url = "", , tokenFile = ""] = (await unlessAborted(program.firstLine, limit)).split(" ");
  const readyMs = performance.now() - startedMs;
  const engine = connectEngine({ url, token: (await readFile(tokenFile, "utf8")).trim() });
  const call = async (name: string, input: JsonObject) =>
    Disk.parse((await engine.invoke(name, input, { signal })).output);
  return {
    engine,
    pid: program.pid,
    readyMs,
    async createDisk(name, sizeBytes, datastore = "left") {
      const disk = await call("disks.create", { name, sizeBytes, datastore });
      return { uri: disk.exports[0]?.uri ?? "", file: disk.layers.at(-1)?.location ?? "" };
    },
    async show(name) {
      const { datastore, layers, exports } = await call("disks.show", { name });
      return { datastore, file: layers.at(-1)?.location ?? "", uri: exports[0]?.uri ?? "" };
    },
    async stop() {
      await engine.close();
      await program.stop();
    },
  };
};

const unlessAborted = <T>(promise: Promise<T>, signal: AbortSignal): Promise<T> =>
  Promise.race([
    promise,
    new Promise<never>((_, reject) =>
      signal.addEventListener("abort", () => reject(signal.reason), { once: true }),
    ),
  ]);
