import { alignedBuffer } from "pagurus";

const PAGE_BYTES = 4096;
const SLAB_BYTES = 4 * 1024 * 1024;
/** Buffers above this have memory of their own. */
const LARGEST_IN_SLAB = 1024 * 1024 + PAGE_BYTES;

/** Payloads begin here: reading a file to the first 31 bytes of a page is far slower, and headers go before. */
export const HEAD_BYTES = 64;

/** A power of two of pages, and one more for what stands around the payload. */
const classOf = (bytes: number): number => {
  const pages = Math.max(1, Math.ceil((bytes - PAGE_BYTES) / PAGE_BYTES));
  return (2 ** (32 - Math.clz32(pages - 1)) + 1) * PAGE_BYTES;
};

/**
 * Page-aligned buffers, used again and again. One pool serves all connections of a thread. What is free beyond
 * `keepBytes` is left to the garbage collector.
 */
export class BufferPool {
  readonly #free = new Map<number, Buffer[]>();
  readonly #keepBytes: number;
  #freeBytes = 0;

  constructor(keepBytes: number) {
    this.#keepBytes = keepBytes;
  }

  /** At least `bytes` long. */
  take(bytes: number): Buffer {
    const size = classOf(bytes);
    const buffer = this.#free.get(size)?.pop();
    if (buffer === undefined) return this.#make(size);
    this.#freeBytes -= size;
    return buffer;
  }

  give(buffer: Buffer): void {
    if (this.#freeBytes + buffer.length > this.#keepBytes) return;
    this.#freeBytes += buffer.length;
    const free = this.#free.get(buffer.length);
    if (free === undefined) this.#free.set(buffer.length, [buffer]);
    else free.push(buffer);
  }

  #make(size: number): Buffer {
    const memory = alignedBuffer(size > LARGEST_IN_SLAB ? size : SLAB_BYTES);
    const whole = Buffer.from(memory.buffer, 0, memory.length);
    const first = whole.subarray(0, size);
    if (size > LARGEST_IN_SLAB) return first;
    for (let at = size; at + size <= whole.length; at += size) this.give(whole.subarray(at, at + size));
    return first;
  }
}

/** A buffer with several users: one that fills it, and each request or write to the socket that still needs it. */
export class SharedBuffer {
  readonly bytes: Buffer;
  readonly #onFree: (bytes: Buffer) => void;
  #users = 1;

  constructor(bytes: Buffer, onFree: (bytes: Buffer) => void) {
    this.bytes = bytes;
    this.#onFree = onFree;
  }

  /** Whether nobody but the one that fills it needs it. */
  get idle(): boolean {
    return this.#users === 1;
  }

  retain(): SharedBuffer {
    this.#users++;
    return this;
  }

  release(): void {
    this.#users--;
    if (this.#users === 0) this.#onFree(this.bytes);
  }
}

/** The buffers of one connection, counted. */
export class BufferAccount {
  readonly #pool: BufferPool;
  heldBytes = 0;

  constructor(pool: BufferPool) {
    this.#pool = pool;
  }

  take(bytes: number): SharedBuffer {
    const buffer = this.#pool.take(bytes);
    this.heldBytes += buffer.length;
    return new SharedBuffer(buffer, this.#onFree);
  }

  readonly #onFree = (bytes: Buffer): void => {
    this.heldBytes -= bytes.length;
    this.#pool.give(bytes);
  };
}
