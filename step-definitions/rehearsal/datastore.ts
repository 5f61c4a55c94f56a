import {
  type Capabilities,
  CodedError,
  type Datastore,
  type DatastoreStatus,
  type Layer,
  type LayerInfo,
  type LayerSpec,
  type Stamp,
} from "pagurus";
import { RehearsedLayer } from "./layer.ts";
import type { Operation } from "./rule.ts";
import { Script } from "./script.ts";

/** A datastore that follows the script of a rehearsal, and otherwise does what the one below it does. */
export class RehearsedDatastore implements Datastore {
  readonly id: string;
  readonly #inner: Datastore;
  readonly #channel: string;
  #script: Script | undefined;

  constructor(inner: Datastore, channel: string) {
    this.id = inner.id;
    this.#inner = inner;
    this.#channel = channel;
  }

  get capabilities(): Capabilities {
    return this.#inner.capabilities;
  }

  async start(options: { readonly signal: AbortSignal }): Promise<void> {
    this.#script ??= await Script.begin(this.id, this.#channel);
    await this.#inner.start?.(options);
  }

  async stop(): Promise<void> {
    await this.#inner.stop?.();
    this.#script?.end();
    this.#script = undefined;
  }

  create(spec: LayerSpec): Promise<void> {
    return this.#follow("create", spec.layer, () => this.#inner.create(spec));
  }

  async open(layer: string, options: Parameters<Datastore["open"]>[1]): Promise<Layer> {
    const script = this.#running;
    return this.#follow(
      "open",
      layer,
      async () => new RehearsedLayer(await this.#inner.open(layer, options), script),
    );
  }

  stamp(layer: string, stamp: Stamp): Promise<void> {
    return this.#follow("stamp", layer, () => this.#inner.stamp(layer, stamp));
  }

  inspect(layer: string): Promise<LayerInfo | undefined> {
    return this.#inner.inspect(layer);
  }

  remove(layer: string): Promise<void> {
    return this.#follow("remove", layer, () => this.#inner.remove(layer));
  }

  list(): AsyncIterable<LayerInfo> {
    return this.#inner.list();
  }

  check(): Promise<DatastoreStatus> {
    return this.#inner.check();
  }

  get #running(): Script {
    if (!this.#script)
      throw new CodedError("datastore-unavailable", { datastore: this.id, reason: "it is not started" });
    return this.#script;
  }

  async #follow<T>(operation: Operation, layer: string, run: () => Promise<T>): Promise<T> {
    const script = this.#running;
    const rule = script.take(operation, 0, Number.POSITIVE_INFINITY);
    if (rule?.act === "hold-before") await script.hold(rule);
    if (rule?.act === "fail") {
      script.reached(rule);
      throw new CodedError("datastore-unavailable", { datastore: this.id, reason: "the rehearsal says so" });
    }
    const answer = await run();
    if (rule?.act === "hold-after") await script.hold(rule);
    script.did({ layer, operation, offset: 0, length: 0 });
    return answer;
  }
}
