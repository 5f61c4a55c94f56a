import type { Capabilities, Datastore, Layer, LayerInfo, LayerSpec, Stamp } from "pagurus";
import { slowLayer } from "./slow-layer.ts";

/** Another datastore, but for the flushes of its layers. */
export class SlowDatastore implements Datastore {
  readonly id: string;
  readonly #inner: Datastore;
  readonly #flushDelayMs: number;

  constructor(inner: Datastore, flushDelayMs: number) {
    this.id = inner.id;
    this.#inner = inner;
    this.#flushDelayMs = flushDelayMs;
  }

  get capabilities(): Capabilities {
    return this.#inner.capabilities;
  }

  create(spec: LayerSpec): Promise<void> {
    return this.#inner.create(spec);
  }

  async open(layer: string, options: Parameters<Datastore["open"]>[1]): Promise<Layer> {
    return slowLayer(await this.#inner.open(layer, options), this.#flushDelayMs);
  }

  stamp(layer: string, stamp: Stamp): Promise<void> {
    return this.#inner.stamp(layer, stamp);
  }

  inspect(layer: string): Promise<LayerInfo | undefined> {
    return this.#inner.inspect(layer);
  }

  remove(layer: string): Promise<void> {
    return this.#inner.remove(layer);
  }

  list(): AsyncIterable<LayerInfo> {
    return this.#inner.list();
  }

  check(): ReturnType<Datastore["check"]> {
    return this.#inner.check();
  }
}
