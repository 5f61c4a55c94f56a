import { constants } from "node:fs";
import { type FileHandle, open, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { CodedError, type Extent, type Layer, type LayerRef, reasonOf } from "../contract/index.ts";
import { holesAreExact, native } from "../native/index.ts";
import { type ImageRequest, imageFailure } from "./failures.ts";

/** Images hold whole disks of other people: only the server's own user may read what it makes. */
const MODE = 0o600;
const ZEROES = new Uint8Array(256 * 1024);

interface RawImageOptions {
  readonly path: string;
  readonly handle: FileHandle;
  readonly sizeBytes: number;
  readonly exactExtents: boolean;
}

/**
 * A file of a disk's bytes, with holes where it has them. Everything waits in the thread pool: such files may be on slow
 * storage. Beyond the end of the file it reads as zeroes: a file's length need not be a multiple of 512.
 */
export class RawImage implements Layer {
  readonly ref: LayerRef;
  readonly sizeBytes: number;
  readonly exactExtents: boolean;
  readonly fastZero = false;
  readonly #path: string;
  readonly #handle: FileHandle;
  #closing: Promise<void> | undefined;

  private constructor({ path, handle, sizeBytes, exactExtents }: RawImageOptions) {
    this.ref = { datastore: "image", layer: path };
    this.sizeBytes = sizeBytes;
    this.exactExtents = exactExtents;
    this.#path = path;
    this.#handle = handle;
  }

  /** To be read, as a disk of `sizeBytes`. */
  static async open(path: string, sizeBytes: number): Promise<RawImage> {
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((cause: unknown) => {
      throw new CodedError("image-unreadable", { path, reason: reasonOf(cause) }, { cause });
    });
    if (writersKeptOut(handle))
      return new RawImage({ path, handle, sizeBytes, exactExtents: await hasExactHoles(path) });
    await handle.close();
    throw new CodedError("image-in-use", { path });
  }

  /** A new file that is all hole, or with `resume` one that is there. */
  static async create(path: string, sizeBytes: number, { resume }: { resume: boolean }): Promise<RawImage> {
    const made = constants.O_CREAT | (resume ? 0 : constants.O_EXCL);
    const flags = constants.O_RDWR | constants.O_NOFOLLOW | made;
    const handle = await open(path, flags, MODE).catch((cause: unknown) => {
      throw new CodedError(
        "image-folder-unusable",
        { folder: dirname(path), reason: reasonOf(cause) },
        { cause },
      );
    });
    try {
      await handle.truncate(sizeBytes);
      return new RawImage({ path, handle, sizeBytes, exactExtents: await hasExactHoles(path) });
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  read(offset: number, into: Uint8Array): Promise<void> {
    return this.#attempt({ operation: "read", offset, length: into.length }, async () => {
      for (let done = 0; done < into.length; ) {
        const { bytesRead } = await this.#handle.read(into, done, into.length - done, offset + done);
        if (bytesRead === 0) {
          into.fill(0, done);
          return;
        }
        done += bytesRead;
      }
    });
  }

  write(offset: number, from: Uint8Array): Promise<void> {
    return this.#attempt({ operation: "write", offset, length: from.length }, () =>
      this.#write(offset, from),
    );
  }

  zero(offset: number, length: number): Promise<void> {
    return this.#attempt({ operation: "zero", offset, length }, async () => {
      if (length === 0 || native.punchHole(this.#handle.fd, offset, length)) return;
      for (let done = 0; done < length; done += ZEROES.length)
        await this.#write(offset + done, ZEROES.subarray(0, Math.min(ZEROES.length, length - done)));
    });
  }

  /** With the file's length: it was set when it was made. */
  flush(): Promise<void> {
    const { sizeBytes: length } = this;
    return this.#attempt({ operation: "flush", offset: 0, length }, () => this.#handle.sync());
  }

  resize(): Promise<void> {
    return Promise.reject(
      new CodedError("capability-missing", { instance: this.#path, capability: "resize" }),
    );
  }

  async *extents(offset: number, length: number): AsyncIterable<Extent> {
    const end = offset + length;
    for (let at = offset; at < end; ) {
      const run = native.runAt(this.#handle.fd, at);
      const to = Math.min(run?.end ?? end, end);
      yield { offset: at, length: to - at, kind: run === undefined || run.data ? "data" : "zero" };
      at = to;
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#handle.close();
    return this.#closing;
  }

  async #write(offset: number, from: Uint8Array): Promise<void> {
    for (let done = 0; done < from.length; )
      done += (await this.#handle.write(from, done, from.length - done, offset + done)).bytesWritten;
  }

  async #attempt(request: ImageRequest, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (cause) {
      throw imageFailure(this.#path, request, cause);
    }
  }
}

/** QEMU's image locks, which datastores take too: byte 101 is locked by whoever writes, 201 by whoever wants nobody to. */
const WRITES_BYTE = 101;
const NO_WRITES_BYTE = 201;

/** Until the file is closed. Whether nobody writes it; where there are no such locks it can't be known. */
const writersKeptOut = ({ fd }: FileHandle): boolean =>
  native.lock(fd, { kind: "shared", offset: NO_WRITES_BYTE, length: 1 }) !== false &&
  native.lockable(fd, { kind: "exclusive", offset: WRITES_BYTE, length: 1 }) !== false;

/** Whether what the file's system calls a hole does read as zeroes. */
export const hasExactHoles = (path: string): Promise<boolean> =>
  statfs(path).then(
    ({ type }) => native.available && holesAreExact(type),
    () => false,
  );
