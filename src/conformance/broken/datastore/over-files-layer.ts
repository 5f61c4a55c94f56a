import { close } from "node:fs";
import { promisify } from "node:util";
import { CodedError, type Extent, type Layer, type LayerRef, reasonOf } from "pagurus";
import type { FileCalls } from "./over-files-calls.ts";

const closeFile = promisify(close);
const zeroes = new Uint8Array(1024 * 1024);

export interface FileLayerOptions {
  readonly ref: LayerRef;
  readonly fd: number;
  readonly sizeBytes: number;
  readonly readOnly: boolean;
  readonly calls: FileCalls;
  /** Says in a code what the file system said. */
  readonly failure: (cause: unknown, operation: string) => CodedError;
  /** Records, durably, how long the layer is; answers how long it was recorded to be. */
  readonly resized: (sizeBytes: number) => Promise<void>;
  readonly recordedBytes: () => Promise<number>;
}

/** An image in one file: what is written goes there at once, what is flushed is synced. */
export class FileLayer implements Layer {
  readonly ref: LayerRef;
  readonly fastZero = false;
  sizeBytes: number;
  readonly #options: FileLayerOptions;
  readonly #lasting = new Set<Promise<void>>();
  #failed: unknown;
  #closing: Promise<void> | undefined;

  constructor(options: FileLayerOptions) {
    this.#options = options;
    this.ref = options.ref;
    this.sizeBytes = options.sizeBytes;
  }

  read(offset: number, into: Uint8Array): void {
    this.#demandOpen();
    this.#try("read", () => this.#options.calls.read(this.#options.fd, into, offset));
  }

  write(offset: number, from: Uint8Array): void {
    this.#demandWritable();
    this.#try("write", () => this.#options.calls.write(this.#options.fd, from, offset));
  }

  zero(offset: number, length: number): void {
    for (let done = 0; done < length; done += zeroes.length)
      this.write(offset + done, zeroes.subarray(0, Math.min(zeroes.length, length - done)));
  }

  async flush(): Promise<void> {
    this.#demandOpen();
    await this.#last(this.#flush());
  }

  async resize(sizeBytes: number): Promise<void> {
    this.#demandWritable();
    await this.#last(this.#resize(sizeBytes));
  }

  async *extents(offset: number, length: number): AsyncIterable<Extent> {
    this.#demandOpen();
    if (length > 0) yield { offset, length, kind: "data" };
  }

  close(): Promise<void> {
    this.#closing ??= Promise.allSettled(this.#lasting).then(() => closeFile(this.#options.fd));
    return this.#closing;
  }

  async #flush(): Promise<void> {
    if (this.#failed !== undefined)
      throw new CodedError("layer-failed", { ...this.ref, reason: reasonOf(this.#failed) });
    try {
      await this.#options.calls.datasync(this.#options.fd, "flush");
    } catch (cause) {
      this.#failed = cause;
      throw this.#options.failure(cause, "flush");
    }
  }

  /** The recorded length is the layer's: what a crash leaves beyond it is cut off by whoever opens the layer next. */
  async #resize(sizeBytes: number): Promise<void> {
    const { fd, calls, resized, recordedBytes, failure } = this.#options;
    try {
      const before = await recordedBytes();
      if (sizeBytes < this.sizeBytes) {
        await resized(sizeBytes);
        calls.truncate(fd, sizeBytes);
      } else if (sizeBytes > before) {
        calls.truncate(fd, before);
        calls.truncate(fd, sizeBytes);
        await calls.datasync(fd, "length");
        await resized(sizeBytes);
      }
    } catch (cause) {
      throw failure(cause, "resize");
    }
    this.sizeBytes = sizeBytes;
  }

  #try(operation: string, run: () => void): void {
    try {
      run();
    } catch (cause) {
      throw this.#options.failure(cause, operation);
    }
  }

  #last(lasting: Promise<void>): Promise<void> {
    this.#lasting.add(lasting);
    return lasting.finally(() => this.#lasting.delete(lasting));
  }

  #demandWritable(): void {
    this.#demandOpen();
    if (this.#options.readOnly) throw new CodedError("layer-read-only", { ...this.ref });
  }

  #demandOpen(): void {
    if (this.#closing !== undefined) throw new CodedError("layer-closed", { ...this.ref });
  }
}
