import { closeSync, fstatSync, mkdirSync, openSync, statfsSync } from "node:fs";
import { mkdir, open, readdir, readFile, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import {
  assertLayerName,
  type Capabilities,
  CodedError,
  Datastore,
  type DatastoreStatus,
  definePlugin,
  type Layer,
  type LayerInfo,
  type LayerSpec,
  type Plugin,
  reasonOf,
  type Stamp,
  z,
} from "pagurus";
import { broken, type Faults, type Place } from "./over.ts";
import { type FileCalls, type For, soundCalls, UNFINISHED } from "./over-files-calls.ts";
import { FileLayer } from "./over-files-layer.ts";

interface Sidecar {
  readonly sizeBytes: number;
  readonly stamp: Stamp;
}

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error ? String(error.code) : "";
const unlessMissing = (error: unknown): undefined => {
  if (codeOf(error) !== "ENOENT") throw error;
};

/** The bytes of an image that say who has it: locked by the writer, and shared by readers. */
const WRITER = 0;
const READERS = 1;

/**
 * Each layer is an image beside a sidecar with its size and stamp. The sidecar is there once the image is, and gone
 * before it is.
 */
class FileDatastore implements Datastore {
  readonly id: string;
  readonly capabilities: Capabilities;
  readonly #root: string;
  readonly #calls: FileCalls;

  constructor(id: string, root: string, calls: FileCalls, durability: string) {
    this.id = id;
    this.capabilities = { [durability]: true, "exclusive-open": true, resize: true };
    this.#root = root;
    this.#calls = calls;
  }

  create({ layer, sizeBytes, stamp }: LayerSpec): Promise<void> {
    return this.#guard(async () => {
      if (await this.#sidecar(layer)) throw new CodedError("layer-exists", this.#ref(layer));
      const file = await open(this.#image(layer), "w", 0o600);
      try {
        this.#calls.truncate(file.fd, sizeBytes);
        await this.#calls.datasync(file.fd, "creation");
      } finally {
        await file.close();
      }
      await this.#record(layer, { sizeBytes, stamp }, "creation");
    });
  }

  open(layer: string, options: { readonly sizeBytes: number; readonly readOnly?: boolean }): Promise<Layer> {
    const { sizeBytes, readOnly = false } = options;
    return this.#guard(async () => {
      const recorded = await this.#demand(layer);
      const ref = this.#ref(layer);
      if (recorded.sizeBytes < sizeBytes)
        throw new CodedError("layer-too-short", { ...ref, actualBytes: recorded.sizeBytes, sizeBytes });
      const fd = this.#hold(layer, readOnly ? [[READERS, "shared"]] : [[WRITER, "exclusive"]], readOnly);
      if (!readOnly) this.#calls.truncate(fd, recorded.sizeBytes);
      return new FileLayer({
        ...{ ref, fd, sizeBytes, readOnly, calls: this.#calls },
        failure: (cause, operation) => this.#failure(layer, cause, operation),
        resized: async (bytes) =>
          this.#record(layer, { ...(await this.#demand(layer)), sizeBytes: bytes }, "length"),
        recordedBytes: async () => (await this.#demand(layer)).sizeBytes,
      });
    });
  }

  stamp(layer: string, stamp: Stamp): Promise<void> {
    return this.#guard(async () => this.#record(layer, { ...(await this.#demand(layer)), stamp }, "stamp"));
  }

  inspect(layer: string): Promise<LayerInfo | undefined> {
    return this.#guard(async () => {
      const sidecar = await this.#sidecar(layer);
      const location = this.#image(layer);
      const image = sidecar && (await stat(location).catch(unlessMissing));
      return image && { layer, ...sidecar, location, allocatedBytes: image.blocks * 512 };
    });
  }

  remove(layer: string): Promise<void> {
    return this.#guard(async () => {
      const image = this.#image(layer);
      const held = (await stat(image).catch(unlessMissing))
        ? this.#hold(layer, [
            [WRITER, "exclusive"],
            [READERS, "exclusive"],
          ])
        : undefined;
      try {
        await rm(this.#path(layer), { force: true });
        await this.#calls.syncNames(this.#root, "removal");
        await rm(image, { force: true });
        await rm(this.#path(layer) + UNFINISHED, { force: true });
        await this.#calls.syncNames(this.#root, "removal");
      } finally {
        if (held !== undefined) closeSync(held);
      }
    });
  }

  async *list(): AsyncIterable<LayerInfo> {
    for (const name of await readdir(this.#root)) {
      const info = name.endsWith(".json") ? await this.inspect(name.slice(0, -".json".length)) : undefined;
      if (info) yield info;
    }
  }

  check(): Promise<DatastoreStatus> {
    return this.#guard(async () => {
      const probe = await mkdir(join(this.#root, `.probe${UNFINISHED}`), { recursive: true });
      if (probe !== undefined) await rm(probe, { recursive: true });
      return { location: this.#root };
    });
  }

  #path(layer: string): string {
    assertLayerName(layer);
    return join(this.#root, `${layer}.json`);
  }

  #image(layer: string): string {
    assertLayerName(layer);
    return join(this.#root, `${layer}.image`);
  }

  #ref(layer: string) {
    return { datastore: this.id, layer };
  }

  async #sidecar(layer: string): Promise<Sidecar | undefined> {
    const text = await readFile(this.#path(layer), "utf8").catch(unlessMissing);
    return text === undefined ? undefined : (JSON.parse(text) as Sidecar);
  }

  async #demand(layer: string): Promise<Sidecar> {
    const sidecar = await this.#sidecar(layer);
    if (sidecar === undefined) throw new CodedError("layer-not-found", this.#ref(layer));
    return sidecar;
  }

  async #record(layer: string, sidecar: Sidecar, durableFor: For): Promise<void> {
    await this.#calls.replace(this.#path(layer), JSON.stringify(sidecar));
    await this.#calls.syncNames(this.#root, durableFor);
  }

  #hold(
    layer: string,
    bytes: readonly (readonly [number, "shared" | "exclusive"])[],
    readOnly = false,
  ): number {
    const fd = openSync(this.#image(layer), readOnly ? "r" : "r+");
    const held = bytes.every(([offset, kind]) => this.#calls.lock(fd, { kind, offset, length: 1 }));
    const { nlink } = fstatSync(fd);
    if (held && nlink > 0) return fd;
    closeSync(fd);
    if (nlink === 0) throw new CodedError("layer-not-found", this.#ref(layer));
    throw new CodedError("layer-in-use", { ...this.#ref(layer), holder: "somebody else" });
  }

  #failure(layer: string, cause: unknown, operation: string): CodedError {
    const ref = this.#ref(layer);
    if (CodedError.is(cause)) return cause;
    if (codeOf(cause) === "ENOSPC") return this.#full();
    const range = { operation, offset: 0, length: 0 };
    return new CodedError("layer-io-failed", { ...ref, ...range, reason: reasonOf(cause) }, { cause });
  }

  #full(): CodedError {
    const { bavail, bsize } = statfsSync(this.#root);
    return new CodedError("no-space", {
      datastore: this.id,
      availableBytes: bavail * bsize,
      neededBytes: bsize,
    });
  }

  async #guard<T>(run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (cause) {
      if (CodedError.is(cause)) throw cause;
      if (codeOf(cause) === "ENOSPC") throw this.#full();
      const reason = reasonOf(cause);
      throw new CodedError("datastore-unavailable", { datastore: this.id, reason }, { cause });
    }
  }
}

interface FileFaults extends Faults {
  readonly calls?: (sound: FileCalls, place: Place) => Partial<FileCalls>;
}

const over = (
  { calls, ...faults }: FileFaults,
  { rootOf, durability }: { readonly rootOf: (place: Place) => string; readonly durability: string },
): Plugin =>
  definePlugin({
    id: "broken-files",
    apiVersion: 1,
    summary: "Layers in files, broken on purpose",
    provides: [Datastore],
    config: z.strictObject({}),
    register({ bind, id, dataDir }) {
      const root = rootOf({ dataDir });
      mkdirSync(root, { recursive: true });
      const itsCalls = { ...soundCalls, ...calls?.(soundCalls, { dataDir }) };
      const sound = new FileDatastore(id, root, itsCalls, durability);
      bind(Datastore).toConstantValue(broken(sound, faults, dataDir));
    },
  });

/** Layers in files in the folder `{tmp}`, with as little as that takes. */
export const overFiles = (faults: FileFaults): Plugin =>
  over(faults, { rootOf: ({ dataDir }) => dataDir, durability: "durability-local" });

/** Where all hosts of a scenario, each of which has a folder of its own in the scenario's, find the same. */
export const elsewhere = ({ dataDir }: Place): string => {
  const scenario = dirname(dataDir);
  return join(dirname(scenario), "elsewhere", basename(scenario));
};

/** The same in a folder that outlives the loss of a host. */
export const overElsewhere = (faults: FileFaults): Plugin =>
  over(faults, { rootOf: elsewhere, durability: "durability-remote" });
