import { CodedError, type LayerRef, reasonOf } from "pagurus";
import type { Files } from "./files.ts";

/** What a layer was doing, as `layer-io-failed` tells it. */
export interface LayerOperation {
  readonly operation: "read" | "write" | "zero" | "flush" | "map";
  readonly offset: number;
  readonly length: number;
}

/** What a sidecar or an inode takes, in round numbers. */
const SMALL_FILE_BYTES = 4096;

const errnoOf = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error ? String(error.code) : undefined;

export const missing = (error: unknown): boolean => errnoOf(error) === "ENOENT";
export const existing = (error: unknown): boolean => errnoOf(error) === "EEXIST";

/** Says in the catalogue's codes what the file system said. */
export class Failures {
  readonly #datastore: string;
  readonly #root: string;
  readonly #files: Files;

  constructor(datastore: string, root: string, files: Files) {
    this.#datastore = datastore;
    this.#root = root;
    this.#files = files;
  }

  /** Of an operation on the store as a whole or on the files around a layer. */
  ofStore(cause: unknown): CodedError {
    if (CodedError.is(cause)) return cause;
    return this.#noSpace(SMALL_FILE_BYTES, cause) ?? this.unavailable(reasonOf(cause), cause);
  }

  unavailable(reason: string, cause?: unknown): CodedError {
    return new CodedError("datastore-unavailable", { datastore: this.#datastore, reason }, { cause });
  }

  /** Of an operation on an open layer. */
  ofLayer(ref: LayerRef, operation: LayerOperation, cause: unknown): CodedError {
    if (CodedError.is(cause)) return cause;
    const failed = () =>
      new CodedError("layer-io-failed", { ...ref, ...operation, reason: reasonOf(cause) }, { cause });
    return this.#noSpace(operation.length, cause) ?? failed();
  }

  /** A quota leaves nothing available, whatever the file system has. */
  #noSpace(neededBytes: number, cause: unknown): CodedError | undefined {
    const errno = errnoOf(cause);
    if (errno !== "ENOSPC" && errno !== "EDQUOT") return undefined;
    const availableBytes = errno === "EDQUOT" ? 0 : this.#availableBytes();
    return new CodedError("no-space", { datastore: this.#datastore, availableBytes, neededBytes });
  }

  #availableBytes(): number {
    try {
      return this.#files.space(this.#root).availableBytes;
    } catch {
      return 0;
    }
  }
}
