import { setTimeout as sleep } from "node:timers/promises";
import { CodedError, type Extent, type Layer, type LayerRef } from "pagurus";
import type { Operation, Rule } from "./rule.ts";
import type { Script } from "./script.ts";

const blockBytes = 4096;

/** A layer that follows the script, and otherwise does what the layer below it does. */
export class RehearsedLayer implements Layer {
  readonly ref: LayerRef;
  readonly #layer: Layer;
  readonly #script: Script;

  constructor(layer: Layer, script: Script) {
    this.ref = layer.ref;
    this.#layer = layer;
    this.#script = script;
  }

  read(offset: number, into: Uint8Array): void | Promise<void> {
    return this.#follow("read", offset, into.length, () => this.#layer.read(offset, into));
  }

  write(offset: number, from: Uint8Array): void | Promise<void> {
    const rule = this.#script.take("write", offset, from.length);
    if (rule?.act === "flip") return this.#flipped(rule, offset, from);
    if (rule?.act === "misdirect") return this.#misdirected(rule, offset, from);
    return this.#act(rule, "write", offset, from.length, () => this.#layer.write(offset, from));
  }

  zero(offset: number, length: number): void | Promise<void> {
    return this.#follow("zero", offset, length, () => this.#layer.zero(offset, length));
  }

  get sizeBytes(): number {
    return this.#layer.sizeBytes;
  }

  resize(sizeBytes: number): Promise<void> {
    return this.#layer.resize(sizeBytes);
  }

  get fastZero(): boolean {
    return this.#layer.fastZero;
  }

  async flush(): Promise<void> {
    await this.#follow("flush", 0, this.sizeBytes, () => this.#layer.flush());
  }

  async *extents(offset: number, length: number): AsyncIterable<Extent> {
    const rule = this.#script.take("extents", offset, length);
    if (rule?.act === "hide") {
      this.#script.reached(rule);
      yield { offset, length, kind: "zero" };
    } else yield* this.#layer.extents(offset, length);
  }

  async close(): Promise<void> {
    await this.#follow("close", 0, this.sizeBytes, () => this.#layer.close());
  }

  #follow(operation: Operation, offset: number, length: number, run: () => void | Promise<void>) {
    return this.#act(this.#script.take(operation, offset, length), operation, offset, length, run);
  }

  #act(
    rule: Rule | undefined,
    operation: Operation,
    offset: number,
    length: number,
    run: () => void | Promise<void>,
  ): void | Promise<void> {
    const did = () => this.#script.did({ layer: this.ref.layer, operation, offset, length });
    if (rule) return this.#ruled(rule, operation, offset, length, run).then(did);
    const running = run();
    if (running !== undefined) return running.then(did);
    did();
  }

  async #ruled(
    rule: Rule,
    operation: Operation,
    offset: number,
    length: number,
    run: () => void | Promise<void>,
  ): Promise<void> {
    if (rule.act === "hold-before") await this.#script.hold(rule);
    if (rule.act === "fail" || rule.act === "full") {
      this.#script.reached(rule);
      throw this.#refusal(rule.act, operation, offset, length);
    }
    await run();
    if (rule.delayMs !== undefined) await sleep(rule.delayMs);
    if (rule.act === "hold-after") await this.#script.hold(rule);
  }

  async #flipped(rule: Rule, offset: number, from: Uint8Array): Promise<void> {
    const flipped = Uint8Array.from(from, (byte, index) => (index === 0 ? byte ^ 1 : byte));
    await this.#layer.write(offset, flipped);
    this.#script.reached(rule);
  }

  async #misdirected(rule: Rule, offset: number, from: Uint8Array): Promise<void> {
    const elsewhere = (offset + blockBytes) % (this.sizeBytes - from.length + blockBytes);
    await this.#layer.write(elsewhere, from);
    this.#script.reached(rule);
  }

  #refusal(act: "fail" | "full", operation: string, offset: number, length: number): CodedError {
    const { datastore, layer } = this.ref;
    if (act === "full")
      return new CodedError("no-space", { datastore, availableBytes: 0, neededBytes: length });
    const reason = "the rehearsal says so";
    return new CodedError("layer-io-failed", { operation, length, offset, layer, datastore, reason });
  }
}
