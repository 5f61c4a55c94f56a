import { constants } from "node:fs";
import { type FileHandle, open, opendir, readFile, rm, stat, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  CodedError,
  type Datastore,
  type DatastoreStatus,
  type Layer,
  type LayerInfo,
  type LayerSpec,
  reasonOf,
  type Stamp,
} from "pagurus";
import { native } from "pagurus/native";
import type { FolderStoreConfig } from "./config.ts";
import { filesOf, layerOf, type Role, removeFiles, replaceFile, take } from "./files.ts";
import { FolderStoreLayer } from "./layer.ts";

/** What a layer's facts file holds. */
interface Facts {
  readonly sizeBytes: number;
  readonly stamp: Stamp;
}

export class FolderStoreDatastore implements Datastore {
  readonly id: string;
  readonly capabilities = { "durability-local": true, "exclusive-open": true };
  readonly #root: string;

  constructor(id: string, { root }: FolderStoreConfig) {
    this.id = id;
    this.#root = root;
  }

  /** A missing folder is never made: it may be a disk that isn't mounted. */
  async start(): Promise<void> {
    if (!native.available) throw this.#unavailable("it needs locks that this machine doesn't have");
    await stat(this.#root).catch((cause: unknown) => {
      throw this.#unavailable(reasonOf(cause), cause);
    });
  }

  async create({ layer, sizeBytes, stamp }: LayerSpec): Promise<void> {
    const { data, facts, unfinished } = filesOf(this.#root, layer);
    const file = await open(data, constants.O_RDWR | constants.O_CREAT);
    try {
      if (!take(file, "alone") || (await exists(facts)))
        throw new CodedError("layer-exists", { datastore: this.id, layer });
      await file.truncate(0); // What a crash has left of an earlier try is not in the new layer.
      await file.truncate(sizeBytes);
      await file.sync();
      await replaceFile(facts, unfinished, JSON.stringify({ sizeBytes, stamp } satisfies Facts));
    } finally {
      await file.close();
    }
  }

  async open(
    layer: string,
    { sizeBytes, readOnly = false }: { readonly sizeBytes: number; readonly readOnly?: boolean },
  ): Promise<Layer> {
    const file = await this.#hold(layer, readOnly ? "reader" : "writer");
    try {
      const found = await this.#factsOf(layer);
      const { size: actualBytes } = await file.stat();
      const ref = { datastore: this.id, layer };
      if (actualBytes < found.sizeBytes)
        throw new CodedError("layer-damaged", { ...ref, problem: `${actualBytes} bytes of it are left` });
      if (found.sizeBytes < sizeBytes)
        throw new CodedError("layer-too-short", { ...ref, sizeBytes, actualBytes: found.sizeBytes });
      return new FolderStoreLayer({ ref, sizeBytes, readOnly, file, datastore: this });
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async stamp(layer: string, stamp: Stamp): Promise<void> {
    const { facts, unfinished } = filesOf(this.#root, layer);
    const { sizeBytes } = await this.#factsOf(layer);
    await replaceFile(facts, unfinished, JSON.stringify({ sizeBytes, stamp } satisfies Facts));
  }

  async inspect(layer: string): Promise<LayerInfo | undefined> {
    const { data } = filesOf(this.#root, layer);
    try {
      const { sizeBytes, stamp } = await this.#factsOf(layer);
      const { blocks } = await stat(data);
      return { layer, sizeBytes, stamp, allocatedBytes: blocks * 512, location: data };
    } catch (error) {
      if (CodedError.is(error, "layer-not-found") || isMissing(error)) return undefined;
      throw error;
    }
  }

  async remove(layer: string): Promise<void> {
    const { data, facts, unfinished } = filesOf(this.#root, layer);
    const file = await open(data, "r+").catch(orMissing);
    try {
      if (file && !take(file, "alone")) throw this.#inUse(layer);
      // The facts first: what a crash leaves then is no layer, and goes at the next try.
      await removeFiles(facts);
      await removeFiles(unfinished, data);
    } finally {
      await file?.close();
    }
  }

  async *list(): AsyncIterable<LayerInfo> {
    for await (const { name } of await opendir(this.#root)) {
      const layer = layerOf(name);
      const info = layer === undefined ? undefined : await this.inspect(layer);
      if (info) yield info;
    }
  }

  async check(): Promise<DatastoreStatus> {
    const file = join(this.#root, `check-${process.pid}.tmp`);
    try {
      await writeFile(file, "check", { flush: true });
      await rm(file);
      const { bavail, blocks, bsize } = await statfs(this.#root);
      return { availableBytes: bavail * bsize, totalBytes: blocks * bsize, location: this.#root };
    } catch (cause) {
      throw this.#unavailable(reasonOf(cause), cause);
    }
  }

  /** The data file, taken for the role. */
  async #hold(layer: string, role: Role): Promise<FileHandle> {
    const { data } = filesOf(this.#root, layer);
    const file = await open(data, role === "reader" ? "r" : "r+").catch(orMissing);
    if (!file) throw this.#notFound(layer);
    if (take(file, role)) return file;
    await file.close();
    throw this.#inUse(layer);
  }

  async #factsOf(layer: string): Promise<Facts> {
    const text = await readFile(filesOf(this.#root, layer).facts, "utf8").catch(orMissing);
    if (text === undefined) throw this.#notFound(layer);
    try {
      return JSON.parse(text) as Facts;
    } catch (cause) {
      const problem = `its facts can't be read: ${reasonOf(cause)}`;
      throw new CodedError("layer-damaged", { datastore: this.id, layer, problem }, { cause });
    }
  }

  #notFound(layer: string): CodedError {
    return new CodedError("layer-not-found", { datastore: this.id, layer });
  }

  #inUse(layer: string): CodedError {
    return new CodedError("layer-in-use", { datastore: this.id, layer, holder: "who has locked its file" });
  }

  #unavailable(reason: string, cause?: unknown): CodedError {
    return new CodedError("datastore-unavailable", { datastore: this.id, reason }, { cause });
  }
}

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === "ENOENT";

/** For what may be missing: nothing in its place. */
const orMissing = (error: unknown): undefined => {
  if (!isMissing(error)) throw error;
};

const exists = async (path: string): Promise<boolean> => (await stat(path).catch(orMissing)) !== undefined;
