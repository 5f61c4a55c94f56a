import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { CodedError, type Extent, type Layer, type LayerRef } from "../contract/index.ts";
import { NbdClient } from "../nbd/client.ts";
import { type ImageRequest, imageFailure } from "./failures.ts";
import { blockdev, type ProgramUse, type ServingProgram, serving } from "./program.ts";
import { hasExactHoles } from "./raw-image.ts";

/** How often a program that has just been started is asked whether it serves already. */
const ASK_AGAIN_MS = 5;

interface ServedImageOptions {
  readonly path: string;
  readonly client: NbdClient;
  readonly program: ServingProgram;
  readonly sizeBytes: number;
  readonly exactExtents: boolean;
}

/**
 * An image of a format that `qemu-nbd` reads and writes, served by it to us alone over a socket in a folder of our
 * own. It ends when our connection does, however we end.
 */
export class ServedImage implements Layer {
  readonly ref: LayerRef;
  readonly sizeBytes: number;
  readonly exactExtents: boolean;
  readonly fastZero = false;
  readonly #options: ServedImageOptions;
  #closing: Promise<void> | undefined;

  private constructor(options: ServedImageOptions) {
    this.ref = { datastore: "image", layer: options.path };
    this.sizeBytes = options.sizeBytes;
    this.exactExtents = options.exactExtents;
    this.#options = options;
  }

  /** As a disk of `sizeBytes`, which it must hold. Also as `serving` rejects. */
  static async open(
    use: Omit<ProgramUse, "program">,
    { sizeBytes, writes }: { readonly sizeBytes: number; readonly writes: boolean },
  ): Promise<ServedImage> {
    const { path, format } = use;
    const folder = await mkdtemp(join(tmpdir(), "pagurus-image-"));
    const socketPath = join(folder, "nbd");
    const how = writes ? ["--discard=unmap", "--cache=writeback"] : ["--read-only"];
    const program = serving({ ...use, program: "qemu-nbd" }, [
      ...how,
      `--socket=${socketPath}`,
      blockdev(path, format),
    ]);
    try {
      const client = await connected(socketPath, program);
      if (client.sizeBytes < sizeBytes) {
        client.destroy();
        const problem = `it holds ${client.sizeBytes} bytes, and ${sizeBytes} are needed`;
        throw new CodedError("image-unusable", { path, problem });
      }
      const exactExtents = await hasExactHoles(path);
      return new ServedImage({ path, client, program, sizeBytes, exactExtents });
    } catch (error) {
      program.child.kill();
      await program.ended.catch(() => undefined);
      throw error;
    } finally {
      // One connection is all that it serves: nothing is left of the way to it, however we end.
      await rm(folder, { recursive: true, force: true });
    }
  }

  read(offset: number, into: Uint8Array): Promise<void> {
    return this.#attempt({ operation: "read", offset, length: into.length }, async () => {
      into.set(await this.#options.client.read(offset, into.length));
    });
  }

  write(offset: number, from: Uint8Array): Promise<void> {
    return this.#attempt({ operation: "write", offset, length: from.length }, () =>
      this.#options.client.write(offset, from),
    );
  }

  zero(offset: number, length: number): Promise<void> {
    return this.#attempt({ operation: "zero", offset, length }, () =>
      this.#options.client.zero(offset, length),
    );
  }

  flush(): Promise<void> {
    const { sizeBytes: length } = this;
    return this.#attempt({ operation: "flush", offset: 0, length }, () => this.#options.client.flush());
  }

  resize(): Promise<void> {
    const instance = this.#options.path;
    return Promise.reject(new CodedError("capability-missing", { instance, capability: "resize" }));
  }

  async *extents(offset: number, length: number): AsyncIterable<Extent> {
    const end = offset + length;
    for (let at = offset; at < end; ) {
      const found = await this.#status(at, end - at);
      for (const extent of found) {
        const to = Math.min(extent.offset + extent.length, end);
        if (to > at) yield { offset: at, length: to - at, kind: extent.zero ? "zero" : "data" };
        at = Math.max(at, to);
      }
    }
  }

  /** The image is whole in its file when it resolves. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { client, program } = this.#options;
    await client.disconnect();
    await program.ended;
  }

  /** A server that knows nothing of a range has data there. */
  async #status(
    offset: number,
    length: number,
  ): Promise<readonly { offset: number; length: number; zero: boolean }[]> {
    const asked = Math.min(length, MOST_ASKED_BYTES);
    const { client, path } = this.#options;
    try {
      const found = await client.blockStatus(offset, asked);
      return found.length > 0 ? found : [{ offset, length: asked, zero: false }];
    } catch (cause) {
      throw imageFailure(path, { operation: "read", offset, length: asked }, cause);
    }
  }

  async #attempt(request: ImageRequest, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (cause) {
      throw imageFailure(this.#options.path, request, cause);
    }
  }
}

/** Lengths in requests have 32 bits. */
const MOST_ASKED_BYTES = 1024 ** 3;

/** Rejects with why the program ended, where it did. */
async function connected(socketPath: string, program: ServingProgram): Promise<NbdClient> {
  const over = program.ended.then(() =>
    Promise.reject(new CodedError("peer-lost", { peer: "qemu-nbd", operation: "connecting" })),
  );
  over.catch(() => undefined);
  for (;;)
    try {
      return await Promise.race([NbdClient.connect({ socketPath }), over]);
    } catch (error) {
      if (
        program.child.exitCode !== null ||
        program.child.pid === undefined ||
        !CodedError.is(error, "peer-lost")
      )
        throw await program.ended.then(
          () => error,
          (failure: unknown) => failure,
        );
      await Promise.race([pause(ASK_AGAIN_MS), over]);
    }
}
