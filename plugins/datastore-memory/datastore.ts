import {
  assertLayerName,
  CodedError,
  type Datastore,
  type DatastoreStatus,
  type Layer,
  type LayerInfo,
  type LayerSpec,
  type Stamp,
} from "pagurus";
import { Chunks } from "./chunks.ts";
import type { MemoryConfig } from "./config.ts";
import { MemoryLayer } from "./layer.ts";

interface Stored {
  sizeBytes: number;
  readonly chunks: Chunks;
  stamp: Stamp;
  writers: number;
  readers: number;
}

/** The instance is the store: its layers live as long as it does, and no other instance sees them. */
export class MemoryDatastore implements Datastore {
  readonly id: string;
  readonly capabilities = {
    "process-local": true,
    sparse: "native",
    "exclusive-open": true,
    resize: true,
  } as const;
  readonly #asynchronous: boolean;
  readonly #layers = new Map<string, Stored>();

  constructor(id: string, config: MemoryConfig) {
    this.id = id;
    this.#asynchronous = config.asynchronous;
  }

  async create({ layer, sizeBytes, stamp }: LayerSpec): Promise<void> {
    assertLayerName(layer);
    if (this.#layers.has(layer)) throw new CodedError("layer-exists", { datastore: this.id, layer });
    this.#layers.set(layer, { sizeBytes, stamp, chunks: new Chunks(), writers: 0, readers: 0 });
  }

  async open(
    layer: string,
    { sizeBytes, readOnly = false }: { readonly sizeBytes: number; readonly readOnly?: boolean },
  ): Promise<Layer> {
    const stored = this.#find(layer);
    const ref = { datastore: this.id, layer };
    if (stored.sizeBytes < sizeBytes)
      throw new CodedError("layer-too-short", { ...ref, sizeBytes, actualBytes: stored.sizeBytes });
    if (!readOnly && stored.writers > 0) throw this.#inUse(layer);
    const role = readOnly ? "readers" : "writers";
    stored[role]++;
    const closed = () => void stored[role]--;
    const resized = (bytes: number) => {
      stored.sizeBytes = bytes;
    };
    const asynchronous = this.#asynchronous;
    return new MemoryLayer(stored.chunks, { ref, sizeBytes, readOnly, asynchronous, resized, closed });
  }

  async stamp(layer: string, stamp: Stamp): Promise<void> {
    this.#find(layer).stamp = stamp;
  }

  async inspect(layer: string): Promise<LayerInfo | undefined> {
    assertLayerName(layer);
    const stored = this.#layers.get(layer);
    return stored && this.#info(layer, stored);
  }

  async remove(layer: string): Promise<void> {
    assertLayerName(layer);
    const stored = this.#layers.get(layer);
    if (stored !== undefined && stored.readers + stored.writers > 0) throw this.#inUse(layer);
    this.#layers.delete(layer);
  }

  async *list(): AsyncIterable<LayerInfo> {
    for (const [layer, stored] of [...this.#layers]) yield this.#info(layer, stored);
  }

  async check(): Promise<DatastoreStatus> {
    return { location: "memory" };
  }

  #info(layer: string, { sizeBytes, stamp, chunks }: Stored): LayerInfo {
    const location = `memory:${this.id}/${layer}`;
    return { layer, sizeBytes, stamp, allocatedBytes: chunks.allocatedBytes, location };
  }

  #find(layer: string): Stored {
    assertLayerName(layer);
    const stored = this.#layers.get(layer);
    if (stored === undefined) throw new CodedError("layer-not-found", { datastore: this.id, layer });
    return stored;
  }

  #inUse(layer: string): CodedError {
    return new CodedError("layer-in-use", { datastore: this.id, layer, holder: "this server" });
  }
}
