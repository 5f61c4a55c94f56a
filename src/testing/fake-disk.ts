import type {
  BlockSizes,
  DirtyExtent,
  DiskConnection,
  ExportedDisk,
  Extent,
  Peer,
} from "../contract/index.ts";
import { CodedError } from "../contract/index.ts";

/** What a fake disk is; without them one of 1 MiB that is called `web`. */
export interface FakeDiskOptions {
  readonly disk?: string;
  readonly name?: string;
  readonly sizeBytes?: number;
  readonly blockSizes?: BlockSizes;
  /** Whether requests wait for a later turn of the event loop; by default they complete at once. */
  readonly async?: boolean;
}

/** A request as it started. */
export interface FakeRequest {
  readonly operation: "read" | "write" | "zero" | "flush" | "prefetch";
  readonly offset: number;
  readonly length: number;
}

const BLOCK_BYTES = 4096;

/**
 * A disk in memory for tests of exports. It can hold its requests like a stun, fail them, and tell what started.
 * Waiting requests touch their buffers only when they end: an export that reuses one too early writes garbage.
 */
export class FakeDisk implements ExportedDisk {
  readonly disk: string;
  readonly name: string;
  readonly sizeBytes: number;
  readonly blockSizes: BlockSizes;
  readonly content: Uint8Array;
  /** Every request that started, in order. */
  readonly started: FakeRequest[] = [];
  /** Every request that ended, in order. */
  readonly ended: FakeRequest[] = [];
  readonly peers = new Set<Peer>();
  /** Whether zeroing is faster than writing: what asks for a fast zero is refused where it isn't. */
  fastZero = true;
  /** Ranges that a move has still to copy; in order, none over another. */
  dirtyRanges: readonly { readonly offset: number; readonly length: number }[] = [];
  /** Thrown by requests while it is set. */
  failure: Error | undefined;
  readonly #async: boolean;
  #held: (() => void)[] | undefined;
  #watchers: { readonly met: () => boolean; readonly resolve: () => void }[] = [];

  constructor(options: FakeDiskOptions = {}) {
    this.disk = options.disk ?? "disk-1";
    this.name = options.name ?? "web";
    this.sizeBytes = options.sizeBytes ?? 1024 * 1024;
    this.blockSizes = options.blockSizes ?? { minimum: 512, preferred: 4096, maximum: 32 * 1024 * 1024 };
    this.content = new Uint8Array(this.sizeBytes);
    this.#async = options.async ?? false;
  }

  /** Number of requests that wait for `release`. */
  get heldRequests(): number {
    return this.#held?.length ?? 0;
  }

  /** Requests wait from now on. */
  hold(): void {
    this.#held ??= [];
  }

  /** Starts what waits, in order; requests complete again. */
  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const start of held) start();
  }

  /** Resolves as soon as something that this disk is told of makes it true. */
  until(met: () => boolean): Promise<void> {
    if (met()) return Promise.resolve();
    return new Promise((resolve) => this.#watchers.push({ met, resolve }));
  }

  /** Takes as many clients as come; `peers` has those that are connected. */
  connect(peer: Peer): DiskConnection {
    this.peers.add(peer);
    const pending = new Set<Promise<void>>();
    let gone = false;
    let dropHeld = () => {};
    const closed = new Promise<void>((resolve) => {
      dropHeld = resolve;
    });
    const run = (request: FakeRequest, work: () => void, wait = this.#async): void | Promise<void> => {
      if (request.offset + request.length > this.sizeBytes)
        throw new CodedError("out-of-range", { ...request, sizeBytes: this.sizeBytes });
      if (!wait && this.#held === undefined && !gone) return this.#do(request, work);
      const ended = this.#later(request, work, closed, () => !gone && peer.alive());
      pending.add(ended);
      const forget = () => pending.delete(ended);
      ended.then(forget, forget);
      return ended;
    };
    const { content } = this;
    return {
      read: (offset, into) =>
        run({ operation: "read", offset, length: into.length }, () =>
          into.set(content.subarray(offset, offset + into.length)),
        ),
      write: (offset, from) =>
        run({ operation: "write", offset, length: from.length }, () => content.set(from, offset)),
      zero: (offset, length, options) =>
        run({ operation: "zero", offset, length }, () => {
          if (options?.fast && !this.fastZero) throw new CodedError("zero-not-fast", { offset, length });
          content.fill(0, offset, offset + length);
        }),
      prefetch: (offset, length) => void this.started.push({ operation: "prefetch", offset, length }),
      flush: async () => run({ operation: "flush", offset: 0, length: 0 }, () => {}, true),
      extents: (offset, length) => this.#extents(offset, length),
      dirty: (offset, length) => this.#dirty(offset, length),
      close: async () => {
        gone = true;
        dropHeld();
        await Promise.allSettled(pending);
        this.peers.delete(peer);
        this.#changed();
      },
    };
  }

  #do(request: FakeRequest, work: () => void): void {
    this.started.push(request);
    if (this.failure !== undefined) throw this.failure;
    work();
    this.ended.push(request);
    this.#changed();
  }

  async #later(
    request: FakeRequest,
    work: () => void,
    closed: Promise<void>,
    alive: () => boolean,
  ): Promise<void> {
    const held = this.#held;
    if (held !== undefined) {
      const released = new Promise<void>((resolve) => held.push(resolve));
      this.#changed();
      await Promise.race([released, closed]);
    }
    if (!alive()) throw new CodedError("peer-lost", { peer: "the client", operation: request.operation });
    await new Promise((resolve) => setImmediate(resolve));
    this.#do(request, work);
  }

  async *#extents(offset: number, length: number): AsyncGenerator<Extent> {
    const end = offset + length;
    for (let at = offset; at < end; ) {
      const to = Math.min(end, (Math.floor(at / BLOCK_BYTES) + 1) * BLOCK_BYTES);
      const zero = this.content.subarray(at, to).every((byte) => byte === 0);
      yield { offset: at, length: to - at, kind: zero ? "absent" : "data" };
      at = to;
    }
  }

  async *#dirty(offset: number, length: number): AsyncGenerator<DirtyExtent> {
    const end = offset + length;
    let at = offset;
    for (const range of this.dirtyRanges) {
      const from = Math.max(at, range.offset);
      const to = Math.min(end, range.offset + range.length);
      if (from >= to) continue;
      if (from > at) yield { offset: at, length: from - at, dirty: false };
      yield { offset: from, length: to - from, dirty: true };
      at = to;
    }
    if (at < end) yield { offset: at, length: end - at, dirty: false };
  }

  #changed(): void {
    const met = this.#watchers.filter((watcher) => watcher.met());
    this.#watchers = this.#watchers.filter((watcher) => !met.includes(watcher));
    for (const { resolve } of met) resolve();
  }
}
