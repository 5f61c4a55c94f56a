import type { FileHandle } from "node:fs/promises";
import {
  CodedError,
  type Datastore,
  demand,
  type Extent,
  type Layer,
  type LayerRef,
  reasonOf,
} from "pagurus";

const ZEROES = new Uint8Array(256 * 1024);

export interface FolderStoreLayerOptions {
  readonly ref: LayerRef;
  readonly sizeBytes: number;
  readonly readOnly: boolean;
  /** Locked for this layer; closing it lets go of the lock. */
  readonly file: FileHandle;
  readonly datastore: Datastore;
}

/** An open layer: its bytes are those of its file. */
export class FolderStoreLayer implements Layer {
  readonly ref: LayerRef;
  readonly fastZero = false;
  readonly sizeBytes: number;
  readonly #options: FolderStoreLayerOptions;
  readonly #underWay = new Set<Promise<void>>();
  #closing: Promise<void> | undefined;
  #failedFlush: string | undefined;

  constructor(options: FolderStoreLayerOptions) {
    this.ref = options.ref;
    this.sizeBytes = options.sizeBytes;
    this.#options = options;
  }

  read(offset: number, into: Uint8Array): Promise<void> {
    this.#refuseClosed();
    return this.#run({ operation: "read", offset, length: into.length }, async (file) => {
      for (let done = 0; done < into.length; ) {
        const { bytesRead } = await file.read(into, done, into.length - done, offset + done);
        if (bytesRead === 0) throw new Error("the file has become shorter");
        done += bytesRead;
      }
    });
  }

  write(offset: number, from: Uint8Array): Promise<void> {
    this.#refuseReader();
    return this.#run({ operation: "write", offset, length: from.length }, (file) =>
      writeAll(file, from, offset),
    );
  }

  zero(offset: number, length: number): Promise<void> {
    this.#refuseReader();
    return this.#run({ operation: "zero", offset, length }, async (file) => {
      for (let done = 0; done < length; done += ZEROES.length)
        await writeAll(file, ZEROES.subarray(0, Math.min(ZEROES.length, length - done)), offset + done);
    });
  }

  /** After a failure the kernel may have dropped what it could not write: only opening again tells what is there. */
  async flush(): Promise<void> {
    this.#refuseClosed();
    if (this.#failedFlush !== undefined)
      throw new CodedError("layer-failed", { ...this.ref, reason: this.#failedFlush });
    try {
      await this.#run({ operation: "flush", offset: 0, length: 0 }, (file) => file.datasync());
    } catch (error) {
      this.#failedFlush = reasonOf(error);
      throw error;
    }
  }

  async resize(): Promise<void> {
    this.#refuseReader();
    demand(this.#options.datastore, "resize");
  }

  /** Everything is called data: always right, and no help to a move. */
  async *extents(offset: number, length: number): AsyncIterable<Extent> {
    this.#refuseClosed();
    if (length > 0) yield { offset, length, kind: "data" };
  }

  close(): Promise<void> {
    this.#closing ??= Promise.allSettled(this.#underWay).then(() => this.#options.file.close());
    return this.#closing;
  }

  /** Does something with the file, tells its failure in the contract's words, and lets `close` wait for it. */
  #run(what: What, operation: (file: FileHandle) => Promise<void>): Promise<void> {
    const running = operation(this.#options.file).catch((cause: unknown) => {
      throw this.#failure(what, cause);
    });
    this.#underWay.add(running);
    return running.finally(() => this.#underWay.delete(running));
  }

  #failure(what: What, cause: unknown): CodedError {
    const { datastore } = this.ref;
    if ((cause as NodeJS.ErrnoException).code === "ENOSPC")
      return new CodedError(
        "no-space",
        { datastore, availableBytes: 0, neededBytes: what.length },
        { cause },
      );
    return new CodedError("layer-io-failed", { ...this.ref, ...what, reason: reasonOf(cause) }, { cause });
  }

  #refuseReader(): void {
    this.#refuseClosed();
    if (this.#options.readOnly) throw new CodedError("layer-read-only", { ...this.ref });
  }

  #refuseClosed(): void {
    if (this.#closing !== undefined) throw new CodedError("layer-closed", { ...this.ref });
  }
}

/** What was tried, as its failure tells it. */
interface What {
  readonly operation: string;
  readonly offset: number;
  readonly length: number;
}

/** A write may take less than it is given. */
async function writeAll(file: FileHandle, from: Uint8Array, offset: number): Promise<void> {
  for (let done = 0; done < from.length; ) {
    const { bytesWritten } = await file.write(from, done, from.length - done, offset + done);
    done += bytesWritten;
  }
}
