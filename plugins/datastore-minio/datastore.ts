import { createHash } from "node:crypto";
import {
  assertLayerName,
  type Capabilities,
  CodedError,
  type Datastore,
  type DatastoreStatus,
  type Layer,
  type LayerInfo,
  type LayerRef,
  type LayerSpec,
  type Log,
  type Stamp,
} from "pagurus";
import type { MinioConfig } from "./config.ts";
import { Fetcher } from "./fetcher.ts";
import { holdName } from "./hold.ts";
import { cutOff, MinioLayer } from "./layer.ts";
import { LayerReader } from "./layer-reader.ts";
import { type LayerRecord, LayerRecords } from "./layer-record.ts";
import { layerKey, logKey } from "./layout.ts";
import { LineCache } from "./line-cache.ts";
import type { Objects } from "./objects.ts";
import { openWriter } from "./open-writer.ts";
import { recoverLog } from "./recovery.ts";
import { type Upkeep, usualUpkeep } from "./upkeep.ts";

/** How many layers' records are read at once for a list. */
const LISTED_AT_ONCE = 16;

export type MinioDatastoreConfig = Pick<
  MinioConfig,
  "segmentBytes" | "window" | "maxBufferedBytes" | "cacheBytes"
>;

/** What the datastore asks of its bucket. */
export interface HomeBucket {
  /** Refuses a bucket that isn't this datastore's, or can't be used as one. */
  open(): Promise<unknown>;
  /** Whether disks can be kept there. */
  check(): Promise<void>;
}

export interface MinioDatastoreOptions {
  readonly objects: Objects;
  readonly bucket: HomeBucket;
  readonly log: Log;
  readonly upkeep?: Upkeep;
  /** Ends the connections. */
  readonly close: () => Promise<void>;
}

/** Layers as logs of immutable objects in a bucket; README.md says how they are laid out. */
export class MinioDatastore implements Datastore {
  readonly id: string;
  readonly capabilities: Capabilities = {
    "durability-remote": true,
    "prefix-consistent": true,
    "exclusive-open": true,
    sparse: "native",
    resize: true,
  };
  readonly #config: MinioDatastoreConfig;
  readonly #options: MinioDatastoreOptions;
  readonly #objects: Objects;
  readonly #records: LayerRecords;
  readonly #cache: LineCache;
  readonly #open = new Map<string, Set<MinioLayer>>();
  #bucketOpened: Promise<unknown> | undefined;

  constructor(id: string, config: MinioDatastoreConfig, options: MinioDatastoreOptions) {
    this.id = id;
    this.#config = config;
    this.#options = options;
    this.#objects = options.objects;
    this.#records = new LayerRecords(options.objects);
    this.#cache = new LineCache(config.cacheBytes);
  }

  async create(spec: LayerSpec): Promise<void> {
    assertLayerName(spec.layer);
    await this.#openBucket();
    const made = await this.#records.make(spec, this.#config.window);
    if (!made) throw new CodedError("layer-exists", { ...this.#ref(spec.layer) });
  }

  async open(
    layer: string,
    { sizeBytes, readOnly = false }: { readonly sizeBytes: number; readonly readOnly?: boolean },
  ): Promise<Layer> {
    const ref = this.#ref(layer);
    const record = await this.#find(layer);
    if (record.removed)
      throw new CodedError("layer-damaged", { ...ref, problem: "its removal was begun; remove it again" });
    if (record.sizeBytes < sizeBytes)
      throw new CodedError("layer-too-short", { ...ref, sizeBytes, actualBytes: record.sizeBytes });
    return readOnly ? this.#openToRead(ref, record, sizeBytes) : this.#openToWrite(ref, record, sizeBytes);
  }

  async stamp(layer: string, stamp: Stamp): Promise<void> {
    assertLayerName(layer);
    await this.#openBucket();
    if (!(await this.#records.change(layer, { stamp }))) throw this.#notFound(layer);
  }

  async inspect(layer: string): Promise<LayerInfo | undefined> {
    assertLayerName(layer);
    await this.#openBucket();
    const record = await this.#records.find(layer);
    return record && this.#info(layer, record);
  }

  async remove(layer: string): Promise<void> {
    assertLayerName(layer);
    await this.#openBucket();
    const record = await this.#records.find(layer);
    const release = record && (await this.#hold(layer, record));
    try {
      if (this.#open.has(layer)) throw this.#inUse(layer);
      await this.#records.remove(layer);
    } finally {
      await release?.();
    }
  }

  async *list(): AsyncIterable<LayerInfo> {
    await this.#openBucket();
    let names: string[] = [];
    for await (const name of this.#records.names()) {
      names.push(name);
      if (names.length < LISTED_AT_ONCE) continue;
      yield* await this.#infos(names);
      names = [];
    }
    yield* await this.#infos(names);
  }

  async check(): Promise<DatastoreStatus> {
    const { bucket } = this.#options;
    await bucket.open();
    await bucket.check();
    return { location: this.#objects.location("") };
  }

  stop(): Promise<void> {
    return this.#options.close();
  }

  /** Once; again after it failed. */
  #openBucket(): Promise<unknown> {
    this.#bucketOpened ??= this.#options.bucket.open().catch((error: unknown) => {
      this.#bucketOpened = undefined;
      throw error;
    });
    return this.#bucketOpened;
  }

  async #openToWrite(ref: LayerRef, record: LayerRecord, sizeBytes: number): Promise<Layer> {
    const release = await this.#hold(ref.layer, record);
    try {
      const { objects, log: told, upkeep = usualUpkeep } = this.#options;
      const layer = await openWriter({
        ref,
        record,
        sizeBytes,
        objects,
        told,
        lines: this.#cache.open(),
        config: this.#config,
        upkeep,
        resized: (bytes) => this.#resized(ref.layer, bytes),
        closed: async (closed) => {
          this.#closed(ref.layer, closed);
          await release();
        },
      });
      this.#opened(ref.layer, layer);
      return layer;
    } catch (error) {
      await release();
      throw error;
    }
  }

  async #openToRead(ref: LayerRef, record: LayerRecord, sizeBytes: number): Promise<Layer> {
    const { log, window } = record;
    const { map } = await recoverLog(this.#objects, log, window);
    cutOff(map, record.sizeBytes);
    const lines = this.#cache.open();
    const fetcher = new Fetcher(this.#objects, log, lines);
    const reader = new LayerReader({
      objects: this.#objects,
      log,
      map,
      lines,
      fetcher,
      cells: () => undefined,
    });
    const layer: MinioLayer = new MinioLayer({
      ref,
      sizeBytes,
      layerBytes: record.sizeBytes,
      map,
      reader,
      writer: undefined,
      resized: async () => undefined,
      closed: async () => {
        await fetcher.stop();
        this.#closed(ref.layer, layer);
      },
    });
    this.#opened(ref.layer, layer);
    return layer;
  }

  #opened(layer: string, opened: MinioLayer): void {
    this.#open.set(layer, (this.#open.get(layer) ?? new Set()).add(opened));
  }

  #closed(layer: string, closed: MinioLayer | undefined): void {
    const open = this.#open.get(layer);
    if (closed !== undefined) open?.delete(closed);
    if (open?.size === 0) this.#open.delete(layer);
  }

  /** Against other writers of this host, in this process and in others: `layer-in-use`. */
  async #hold(layer: string, { log }: LayerRecord): Promise<() => Promise<void>> {
    const name = createHash("sha256")
      .update(`${this.#objects.location("")}${log}`)
      .digest("hex");
    const release = await holdName(`pagurus-${name}`);
    if (release === undefined) throw this.#inUse(layer);
    return release;
  }

  async #resized(layer: string, sizeBytes: number): Promise<void> {
    if (!(await this.#records.change(layer, { sizeBytes }))) throw this.#notFound(layer);
  }

  async #find(layer: string): Promise<LayerRecord> {
    assertLayerName(layer);
    await this.#openBucket();
    const record = await this.#records.find(layer);
    if (record === undefined) throw this.#notFound(layer);
    return record;
  }

  async #infos(layers: readonly string[]): Promise<LayerInfo[]> {
    const found = await Promise.all(layers.map((layer) => this.inspect(layer)));
    return found.filter((info) => info !== undefined);
  }

  async #info(layer: string, { log, sizeBytes, stamp }: LayerRecord): Promise<LayerInfo> {
    const [open] = this.#open.get(layer) ?? [];
    const allocatedBytes = open?.allocatedBytes ?? (await this.#storedBytes(log));
    return { layer, sizeBytes, stamp, allocatedBytes, location: this.#objects.location(layerKey(layer)) };
  }

  async #storedBytes(log: string): Promise<number> {
    let bytes = 0;
    for await (const { sizeBytes } of this.#objects.list(logKey(log))) bytes += sizeBytes;
    return bytes;
  }

  #ref(layer: string): LayerRef {
    return { datastore: this.id, layer };
  }

  #notFound(layer: string): CodedError {
    return new CodedError("layer-not-found", { ...this.#ref(layer) });
  }

  #inUse(layer: string): CodedError {
    return new CodedError("layer-in-use", {
      ...this.#ref(layer),
      holder: "another process of this host, or this one",
    });
  }
}
