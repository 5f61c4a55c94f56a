import { CodedError, type Extent, type Layer } from "../contract/index.ts";

/** What a move copies between. */
export interface SidesOptions {
  /** The disk's name. */
  readonly disk: string;
  readonly source: Layer;
  readonly target: Layer;
  /** What the move is at, for its failures. */
  readonly phase: () => string;
}

/** Source and target of a move; a failure says whose it is. Synchronous where the layer is. */
export class Sides {
  readonly #options: SidesOptions;

  constructor(options: SidesOptions) {
    this.#options = options;
  }

  /** Whether both call a hole only what reads as zeroes, so that their word can be taken. */
  get exact(): boolean {
    return this.#options.source.exactExtents === true && this.#options.target.exactExtents === true;
  }

  readSource(offset: number, into: Uint8Array): void | Promise<void> {
    return this.#ask("source-failed", () => this.#options.source.read(offset, into));
  }

  readTarget(offset: number, into: Uint8Array): void | Promise<void> {
    return this.#ask("target-failed", () => this.#options.target.read(offset, into));
  }

  writeTarget(offset: number, from: Uint8Array): void | Promise<void> {
    return this.#ask("target-failed", () => this.#options.target.write(offset, from));
  }

  zeroTarget(offset: number, length: number): void | Promise<void> {
    return this.#ask("target-failed", () => this.#options.target.zero(offset, length));
  }

  sourceExtents(offset: number, length: number): AsyncIterable<Extent> {
    return this.#extents("source-failed", this.#options.source, offset, length);
  }

  targetExtents(offset: number, length: number): AsyncIterable<Extent> {
    return this.#extents("target-failed", this.#options.target, offset, length);
  }

  mismatch(offset: number): CodedError {
    return new CodedError("block-mismatch", { disk: this.#options.disk, offset });
  }

  async *#extents(side: Side, layer: Layer, offset: number, length: number): AsyncGenerator<Extent> {
    try {
      for await (const extent of layer.extents(offset, length)) yield extent;
    } catch (cause) {
      throw this.#failure(side, cause);
    }
  }

  #ask(side: Side, call: () => void | Promise<void>): void | Promise<void> {
    try {
      return call()?.catch((cause: unknown) => {
        throw this.#failure(side, cause);
      });
    } catch (cause) {
      throw this.#failure(side, cause);
    }
  }

  #failure(side: Side, cause: unknown): CodedError {
    return new CodedError(side, { disk: this.#options.disk, phase: this.#options.phase() }, { cause });
  }
}

type Side = "source-failed" | "target-failed";
