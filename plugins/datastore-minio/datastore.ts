import {
  assertLayerName,
  type Capabilities,
  type Clock,
  CodedError,
  type Datastore,
  type DatastoreStatus,
  type DatastoreUsage,
  type Layer,
  type LayerInfo,
  type LayerRef,
  type LayerSpec,
  type Log,
  type Rescue,
  type Stamp,
  type StoreOutage,
} from "pagurus";
import { BLOCK_BYTES } from "./cell.ts";
import type { MinioConfig } from "./config.ts";
import { damagedLayer, ofLayer } from "./damaged-layer.ts";
import { MOST_BLOCKS } from "./extent-map.ts";
import { holdLog } from "./hold.ts";
import type { JournalHome } from "./journal/home.ts";
import { readWholeLog, type WholeLog } from "./journal/overlay.ts";
import type { MinioLayer } from "./layer.ts";
import { type LayerRecord, LayerRecords } from "./layer-record.ts";
import { layerKey } from "./layout.ts";
import { LineCache } from "./line-cache.ts";
import type { Objects } from "./objects.ts";
import { openReader } from "./open-reader.ts";
import { openWriter } from "./open-writer.ts";
import type { Outages } from "./outages.ts";
import { MinioRescue } from "./rescue/rescue.ts";
import { SettingsWatch } from "./settings-watch.ts";
import { storedInLog, storedInLogs } from "./stored-bytes.ts";
import { Tally } from "./tally.ts";
import { type Upkeep, usualUpkeep } from "./upkeep.ts";
import { asTold, storeUsage } from "./usage.ts";

/** How often a log is read that its writer changes meanwhile. */
const MOST_READS = 5;

export type MinioDatastoreConfig = Pick<
  MinioConfig,
  "segmentBytes" | "window" | "maxBufferedBytes" | "cacheBytes" | "maxLossBytes" | "maxLossSeconds" | "prices"
>;

/** What the datastore asks of its bucket. */
export interface HomeBucket {
  /** Refuses a bucket that isn't this datastore's, or can't be used as one. */
  open(): Promise<unknown>;
  /** The same for whoever only looks: makes nothing in an empty one. */
  look(): Promise<unknown>;
  /** Whether disks can be kept there; `brief`: by its settings alone. */
  check(options?: { readonly brief?: boolean }): Promise<void>;
}

export interface MinioDatastoreOptions {
  /** Those that open layers wait for. */
  readonly objects: Objects;
  /** The same, for all that is asked of the datastore: it is told soon that the store doesn't answer. */
  readonly prompt: Objects;
  /** Everything that is asked of the bucket is counted in it. */
  readonly tally: Tally;
  /** Sees when the store doesn't answer. */
  readonly outages: Pick<Outages, "onChange">;
  readonly bucket: HomeBucket;
  readonly log: Log;
  readonly clock: Clock;
  /** Where flushes are answered; absent: in the bucket. */
  readonly home?: JournalHome | undefined;
  readonly upkeep?: Upkeep;
  /** Ends the connections. */
  readonly close: () => Promise<void>;
}

/** Layers as logs of immutable objects in a bucket; README.md says how they are laid out. */
export class MinioDatastore implements Datastore {
  readonly id: string;
  readonly capabilities: Capabilities;
  readonly rescue: Rescue;
  readonly #config: MinioDatastoreConfig;
  readonly #options: MinioDatastoreOptions;
  readonly #prompt: Objects;
  readonly #records: LayerRecords;
  readonly #cache: LineCache;
  readonly #open = new Map<string, Set<MinioLayer>>();
  readonly #settings: SettingsWatch;
  #bucketOpened: Promise<unknown> | undefined;

  constructor(id: string, config: MinioDatastoreConfig, options: MinioDatastoreOptions) {
    this.id = id;
    this.#config = config;
    this.#options = options;
    this.#prompt = options.prompt;
    this.capabilities = {
      [options.home ? "durability-local" : "durability-remote"]: true,
      "prefix-consistent": true,
      // What was flushed to a journal alone nobody can take over from elsewhere.
      "fences-writers": !options.home,
      "exclusive-open": true,
      sparse: "native",
      resize: true,
    };
    this.#records = new LayerRecords(options.prompt);
    this.#cache = new LineCache(config.cacheBytes);
    const { prompt: objects, bucket, log, clock } = options;
    this.#settings = new SettingsWatch({ datastore: id, bucket, log, clock });
    this.rescue = new MinioRescue({
      ...{ id, objects, records: this.#records, cache: this.#cache, home: options.home },
      look: () => bucket.look(),
      now: () => clock.now(),
    });
  }

  async create(spec: LayerSpec): Promise<void> {
    assertLayerName(spec.layer);
    this.#demandLength(spec.sizeBytes);
    await this.#openBucket();
    const made = await this.#records.make(spec, this.#config.window);
    if (!made) throw new CodedError("layer-exists", { ...this.#ref(spec.layer) });
  }

  async open(
    layer: string,
    { sizeBytes, readOnly = false }: { readonly sizeBytes: number; readonly readOnly?: boolean },
  ): Promise<Layer> {
    const ref = this.#ref(layer);
    const record = await this.#findWhole(ref, sizeBytes);
    this.#settings.look();
    return readOnly ? this.#openToRead(ref, sizeBytes) : this.#openToWrite(ref, record, sizeBytes);
  }

  async stamp(layer: string, stamp: Stamp): Promise<void> {
    assertLayerName(layer);
    await this.#openBucket();
    const [reached] = [...(this.#open.get(layer) ?? [])].flatMap((open) => open.reached ?? []);
    const stamped = await ofLayer(this.#ref(layer), this.#records.change(layer, { stamp, reached }));
    if (!stamped) throw this.#notFound(layer);
    for (const open of this.#open.get(layer) ?? []) open.stamped(stamp);
  }

  async inspect(layer: string): Promise<LayerInfo | undefined> {
    assertLayerName(layer);
    await this.#openBucket();
    const record = await ofLayer(this.#ref(layer), this.#records.find(layer));
    if (record === undefined) return undefined;
    const isOpen = this.#open.has(layer);
    return this.#info(layer, record, isOpen ? 0 : await storedInLog(this.#prompt, record.log));
  }

  async remove(layer: string): Promise<void> {
    assertLayerName(layer);
    await this.#openBucket();
    const logs = (await this.#records.logsOf(layer)) ?? [];
    const releases: (() => Promise<void>)[] = [];
    try {
      for (const log of logs) releases.push(await this.#hold(layer, log));
      if (this.#open.has(layer)) throw this.#inUse(layer);
      await this.#records.remove(layer);
      for (const log of logs) await this.#options.home?.remove(log);
    } finally {
      for (const release of releases) await release();
    }
  }

  async *list(): AsyncIterable<LayerInfo> {
    await this.#openBucket();
    let stored: Promise<ReadonlyMap<string, number>> | undefined;
    for await (const { layer, record } of this.#records.all()) {
      if (CodedError.is(record)) {
        const { data } = damagedLayer(this.#ref(layer), record);
        const kind = record.code === "object-newer" ? "newer" : "damaged";
        this.#options.log.warn(`A ${kind} layer is left out of the list`, data);
        continue;
      }
      stored ??= storedInLogs(this.#prompt);
      yield this.#info(layer, record, (await stored).get(record.log) ?? 0);
    }
  }

  async check({ brief = false } = {}): Promise<DatastoreStatus> {
    const { bucket, home } = this.#options;
    await bucket.open();
    await this.#settings.check({ brief });
    await home?.check();
    return { location: this.#prompt.location("") };
  }

  usage(): DatastoreUsage {
    const { tally } = this.#options;
    // Whoever shows it sees, the next time, what the bucket has come to be.
    this.#settings.look();
    const { concern } = this.#settings;
    const usage = storeUsage({ objects: this.#prompt, tally, prices: this.#config.prices });
    return concern ? { ...usage, concern } : usage;
  }

  onOutage(told: (outage: StoreOutage | null) => void): void {
    this.#options.outages.onChange((outage) => told(outage ? asTold(outage) : null));
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

  async #openToWrite(ref: LayerRef, found: LayerRecord, sizeBytes: number): Promise<Layer> {
    const release = await this.#hold(ref.layer, found.log);
    try {
      // Whoever held it until now may have begun a journal, or ended one.
      const record = await this.#findWhole(ref, sizeBytes);
      if (record.log !== found.log) throw this.#inUse(ref.layer);
      const { objects, prompt, log: told, clock, home, upkeep = usualUpkeep } = this.#options;
      const layer = await openWriter({
        ref,
        record,
        sizeBytes,
        objects,
        prompt,
        clock,
        home,
        told,
        lines: this.#cache.open(),
        config: this.#config,
        upkeep,
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

  async #openToRead(ref: LayerRef, sizeBytes: number): Promise<Layer> {
    const { objects } = this.#options;
    const { prices } = this.#config;
    const tally = new Tally();
    const { record, recovered, cells } = await this.#read(ref, this.#prompt.countedIn(tally));
    const { log, sizeBytes: layerBytes } = record;
    const { map } = recovered;
    const lines = this.#cache.open();
    const closed = (layer: MinioLayer) => this.#closed(ref.layer, layer);
    const layer = openReader({
      ...{ ref, objects, tally, prices, log, map, cells, lines, sizeBytes, layerBytes, closed },
    });
    this.#opened(ref.layer, layer);
    return layer;
  }

  /** Again where its writer has got on meanwhile: what the journal held is in the bucket then. */
  async #read(ref: LayerRef, objects: Objects): Promise<WholeLog & { readonly record: LayerRecord }> {
    const { home } = this.#options;
    for (let attempt = 1; ; attempt++) {
      const record = await this.#find(ref.layer);
      try {
        const parts = { home, objects, records: this.#records, ref, record };
        return { record, ...(await readWholeLog(parts)) };
      } catch (error) {
        if (record.journal === undefined || attempt === MOST_READS) throw error;
      }
    }
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
  async #hold(layer: string, log: string): Promise<() => Promise<void>> {
    const release = await holdLog(this.#prompt, log);
    if (release === undefined) throw this.#inUse(layer);
    return release;
  }

  async #find(layer: string): Promise<LayerRecord> {
    assertLayerName(layer);
    await this.#openBucket();
    const record = await ofLayer(this.#ref(layer), this.#records.find(layer));
    if (record === undefined) throw this.#notFound(layer);
    return record;
  }

  async #findWhole(ref: LayerRef, sizeBytes: number): Promise<LayerRecord> {
    const record = await this.#find(ref.layer);
    if (record.removed)
      throw new CodedError("layer-damaged", { ...ref, problem: "its removal was begun; remove it again" });
    if (record.sizeBytes < sizeBytes)
      throw new CodedError("layer-too-short", { ...ref, sizeBytes, actualBytes: record.sizeBytes });
    return record;
  }

  #info(layer: string, { sizeBytes, stamp }: LayerRecord, storedBytes: number): LayerInfo {
    const [open] = this.#open.get(layer) ?? [];
    const allocatedBytes = open?.allocatedBytes ?? storedBytes;
    return { layer, sizeBytes, stamp, allocatedBytes, location: this.#prompt.location(layerKey(layer)) };
  }

  #ref(layer: string): LayerRef {
    return { datastore: this.id, layer };
  }

  #demandLength(sizeBytes: number): void {
    const mostBytes = MOST_BLOCKS * BLOCK_BYTES;
    if (sizeBytes > mostBytes)
      throw new CodedError("layer-too-long", { datastore: this.id, mostBytes, sizeBytes });
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
