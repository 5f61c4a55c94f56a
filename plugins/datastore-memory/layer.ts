import { setImmediate } from "node:timers/promises";
import { CodedError, type Extent, type Layer, type LayerRef } from "pagurus";
import type { Chunks } from "./chunks.ts";

export interface MemoryLayerOptions {
  readonly ref: LayerRef;
  readonly sizeBytes: number;
  readonly readOnly: boolean;
  readonly asynchronous: boolean;
  readonly resized: (sizeBytes: number) => void;
  readonly closed: () => void;
}

export class MemoryLayer implements Layer {
  readonly ref: LayerRef;
  readonly exactExtents = true;
  sizeBytes: number;
  readonly fastZero = true;
  readonly #chunks: Chunks;
  readonly #options: MemoryLayerOptions;
  readonly #pending = new Set<Promise<void>>();
  #closing: Promise<void> | undefined;

  constructor(chunks: Chunks, options: MemoryLayerOptions) {
    this.#chunks = chunks;
    this.#options = options;
    this.ref = options.ref;
    this.sizeBytes = options.sizeBytes;
  }

  read(offset: number, into: Uint8Array): void | Promise<void> {
    this.#refuseClosed();
    return this.#perform(() => this.#chunks.read(offset, into));
  }

  write(offset: number, from: Uint8Array): void | Promise<void> {
    this.#refuseReadOnly();
    return this.#perform(() => this.#chunks.write(offset, from));
  }

  zero(offset: number, length: number): void | Promise<void> {
    this.#refuseReadOnly();
    return this.#perform(() => this.#chunks.zero(offset, length));
  }

  async flush(): Promise<void> {
    this.#refuseClosed();
    await this.#perform(() => undefined);
  }

  async resize(sizeBytes: number): Promise<void> {
    this.#refuseReadOnly();
    await this.#perform(() => {
      if (sizeBytes < this.sizeBytes) this.#chunks.zero(sizeBytes, Number.MAX_SAFE_INTEGER - sizeBytes);
      this.#options.resized(sizeBytes);
      this.sizeBytes = sizeBytes;
    });
  }

  async *extents(offset: number, length: number): AsyncIterable<Extent> {
    this.#refuseClosed();
    let at = offset;
    for (const { start, end } of this.#chunks.stored(offset, length)) {
      if (start > at) yield { offset: at, length: start - at, kind: "zero" };
      yield { offset: start, length: end - start, kind: "data" };
      at = end;
    }
    if (at < offset + length) yield { offset: at, length: offset + length - at, kind: "zero" };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await Promise.allSettled(this.#pending);
    this.#options.closed();
  }

  #perform(operation: () => void): void | Promise<void> {
    if (!this.#options.asynchronous) return operation();
    const pending = setImmediate().then(operation);
    this.#pending.add(pending);
    return pending.finally(() => this.#pending.delete(pending));
  }

  #refuseReadOnly(): void {
    this.#refuseClosed();
    if (this.#options.readOnly) throw new CodedError("layer-read-only", { ...this.ref });
  }

  #refuseClosed(): void {
    if (this.#closing !== undefined) throw new CodedError("layer-closed", { ...this.ref });
  }
}
