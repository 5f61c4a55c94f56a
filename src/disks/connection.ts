import {
  CodedError,
  type DirtyExtent,
  type DiskConnection,
  type Extent,
  type Peer,
} from "../contract/index.ts";
import { dirtyExtents } from "./dirty-extents.ts";
import type { DiskCore } from "./disk-core.ts";

type Operation = "read" | "write" | "zero" | "flush";

/** One client's way into a disk; see `DiskConnection` for what it promises. */
export class Connection implements DiskConnection {
  readonly #core: DiskCore;
  readonly #peer: Peer;
  readonly #alive: () => boolean;
  readonly #onClosed: (connection: Connection) => void;
  #started = 0;
  #gone = false;
  #ended: (() => void) | undefined;
  #closing: Promise<void> | undefined;

  constructor(core: DiskCore, peer: Peer, onClosed: (connection: Connection) => void) {
    this.#core = core;
    this.#peer = peer;
    this.#alive = () => this.alive();
    this.#onClosed = onClosed;
  }

  alive(): boolean {
    return !this.#gone && this.#peer.alive();
  }

  read(offset: number, into: Uint8Array): void | Promise<void> {
    this.#core.check(offset, into.length);
    if (this.#core.gate.open && !this.#gone) return this.#run(this.#core.read(offset, into));
    return this.#readLater(offset, into);
  }

  write(offset: number, from: Uint8Array): void | Promise<void> {
    this.#core.check(offset, from.length);
    if (this.#core.gate.open && !this.#gone) return this.#run(this.#core.write(offset, from));
    return this.#writeLater(offset, from);
  }

  zero(offset: number, length: number, options?: { readonly fast?: boolean }): void | Promise<void> {
    this.#core.check(offset, length);
    const fast = options?.fast === true;
    if (this.#core.gate.open && !this.#gone) return this.#run(this.#core.zero(offset, length, fast));
    return this.#zeroLater(offset, length, fast);
  }

  prefetch(offset: number, length: number): void | Promise<void> {
    this.#core.check(offset, length);
    return this.#core.active.prefetch?.(offset, length);
  }

  async flush(): Promise<void> {
    if (this.#core.gate.open && !this.#gone) return this.#run(this.#core.flush());
    return this.#later("flush", () => this.#core.flush());
  }

  extents(offset: number, length: number): AsyncIterable<Extent> {
    this.#core.check(offset, length);
    return this.#extents(offset, offset + length);
  }

  dirty(offset: number, length: number): AsyncIterable<DirtyExtent> {
    this.#core.check(offset, length);
    return dirtyExtents(this.#core, offset, length);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Holds the disk for everybody else until what this peer started has ended. */
  async #close(): Promise<void> {
    this.#gone = true;
    if (this.#started > 0) {
      this.#core.gate.hold();
      await new Promise<void>((resolve) => {
        this.#ended = resolve;
      });
      this.#core.gate.release();
    }
    this.#onClosed(this);
  }

  /** Never held: it changes nothing. A layer that was swapped out meanwhile is asked no more. */
  async *#extents(from: number, to: number): AsyncGenerator<Extent> {
    for (let at = from; at < to; ) {
      const layer = this.#core.active;
      const reached = at;
      try {
        for await (const extent of layer.extents(at, to - at)) {
          yield extent;
          at = extent.offset + extent.length;
          if (this.#core.active !== layer) break;
        }
      } catch (error) {
        // A swap closes the former layer, maybe while it was looking for its next extent.
        if (this.#core.active === layer) throw error;
      }
      if (at === reached && this.#core.active === layer) return;
    }
  }

  // In methods of their own: where a function makes a closure, each of its calls allocates, also those that don't need it.

  #readLater(offset: number, into: Uint8Array): Promise<void> {
    return this.#later("read", () => this.#core.read(offset, into));
  }

  #writeLater(offset: number, from: Uint8Array): Promise<void> {
    return this.#later("write", () => this.#core.write(offset, from));
  }

  #zeroLater(offset: number, length: number, fast: boolean): Promise<void> {
    return this.#later("zero", () => this.#core.zero(offset, length, fast));
  }

  #run(pending: void | Promise<void>): void | Promise<void> {
    return pending === undefined ? undefined : this.#follow(pending);
  }

  async #follow(pending: Promise<void>): Promise<void> {
    this.#started++;
    try {
      await pending;
    } finally {
      this.#started--;
      if (this.#started === 0) this.#ended?.();
    }
  }

  #later(operation: Operation, start: () => void | Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      const drop = () => reject(new CodedError("peer-lost", { peer: "the client", operation }));
      if (this.#gone) return drop();
      const begin = () => {
        try {
          const pending = this.#run(start());
          if (pending === undefined) resolve();
          else pending.then(resolve, reject);
        } catch (error) {
          reject(error);
        }
      };
      this.#core.gate.wait({ alive: this.#alive, start: begin, drop });
    });
  }
}
