import { type BufferAccount, HEAD_BYTES, type SharedBuffer } from "./buffer-pool.ts";
import type { Channel } from "./channel.ts";
import { CHUNK_BYTES } from "./limits.ts";
import { CHUNK_DONE, Chunk, SIMPLE_REPLY_MAGIC, STRUCTURED_REPLY_MAGIC } from "./protocol.ts";

const SIMPLE_BYTES = 16;
const CHUNK_HEAD_BYTES = 20;
/** A chunk's head and the offset of its data. */
const DATA_HEAD_BYTES = 28;
const HOLE_BYTES = 32;

/** Whose reply it is: the client's handle. */
export interface Handle {
  readonly high: number;
  readonly low: number;
}

const putSimple = (bytes: Buffer, at: number, { high, low }: Handle, errno: number): void => {
  bytes.writeUInt32BE(SIMPLE_REPLY_MAGIC, at);
  bytes.writeUInt32BE(errno, at + 4);
  bytes.writeUInt32BE(high, at + 8);
  bytes.writeUInt32BE(low, at + 12);
};

const putChunk = (bytes: Buffer, at: number, { high, low }: Handle, type: number, length: number): void => {
  bytes.writeUInt32BE(STRUCTURED_REPLY_MAGIC, at);
  bytes.writeUInt16BE(CHUNK_DONE, at + 4);
  bytes.writeUInt16BE(type, at + 6);
  bytes.writeUInt32BE(high, at + 8);
  bytes.writeUInt32BE(low, at + 12);
  bytes.writeUInt32BE(length, at + 16);
};

const putOffset = (bytes: Buffer, at: number, offset: number): void => {
  bytes.writeUInt32BE(Math.floor(offset / 2 ** 32), at);
  bytes.writeUInt32BE(offset >>> 0, at + 4);
};

/** Room for one read's reply; the buffer is the disk's until the read has ended. */
export interface ReadRoom {
  readonly buffer: SharedBuffer;
  /** Where the payload begins; its header goes just before. */
  readonly payloadAt: number;
  readonly length: number;
}

/**
 * Gathers the replies of one connection in page-aligned buffers, so that what was parsed together is sent with one
 * write. A buffer is filled from front to back and let go when nobody needs any part of it.
 */
export class ReplyWriter {
  readonly #channel: Channel;
  readonly #account: BufferAccount;
  readonly #structured: boolean;
  readonly #onSent: () => void;
  #buffer: SharedBuffer;
  /** What is between these is written and not sent. */
  #from = HEAD_BYTES;
  #to = HEAD_BYTES;

  constructor(channel: Channel, account: BufferAccount, structured: boolean, onSent: () => void) {
    this.#channel = channel;
    this.#account = account;
    this.#structured = structured;
    this.#onSent = onSent;
    this.#buffer = account.take(CHUNK_BYTES);
  }

  simple(handle: Handle, errno: number): void {
    this.#reserve(SIMPLE_BYTES);
    putSimple(this.#buffer.bytes, this.#to, handle, errno);
    this.#to += SIMPLE_BYTES;
  }

  /** A failed request whose success would have carried bytes. */
  failed(handle: Handle, errno: number, message: string): void {
    if (!this.#structured) {
      this.simple(handle, errno);
      return;
    }
    const text = Buffer.from(message);
    const length = 6 + text.length;
    const at = this.#chunk(handle, Chunk.error, length);
    this.#buffer.bytes.writeUInt32BE(errno, at);
    this.#buffer.bytes.writeUInt16BE(text.length, at + 4);
    text.copy(this.#buffer.bytes, at + 6);
  }

  /** `extents` are lengths and states in turn. */
  blockStatus(handle: Handle, context: number, extents: readonly number[]): void {
    let at = this.#chunk(handle, Chunk.blockStatus, 4 + 4 * extents.length);
    at = this.#buffer.bytes.writeUInt32BE(context, at);
    for (const word of extents) at = this.#buffer.bytes.writeUInt32BE(word, at);
  }

  /** Room for `length` bytes with their header in front; follow it with one of the calls below. */
  roomFor(length: number): ReadRoom {
    const head = this.#structured ? DATA_HEAD_BYTES : SIMPLE_BYTES;
    this.#reserve(head + length, head);
    return { buffer: this.#buffer, payloadAt: this.#to + head, length };
  }

  /** The room was filled at once. */
  filled(handle: Handle, offset: number, { payloadAt, length }: ReadRoom): void {
    this.#putReadHead(handle, offset, this.#buffer.bytes, payloadAt, length);
    this.#to = payloadAt + length;
  }

  /** The room reads as zeroes: answers a hole, and the room is free again. Structured replies only. */
  hole(handle: Handle, offset: number, length: number): void {
    const at = this.#chunk(handle, Chunk.hole, HOLE_BYTES - CHUNK_HEAD_BYTES);
    putOffset(this.#buffer.bytes, at, offset);
    this.#buffer.bytes.writeUInt32BE(length, at + 8);
  }

  /** The room stays the disk's; replies that come meanwhile go behind it. The caller releases its buffer. */
  detach({ buffer, payloadAt, length }: ReadRoom): void {
    buffer.retain();
    this.flush();
    this.#from = payloadAt + length;
    this.#to = this.#from;
    this.#shed();
  }

  sendLater(handle: Handle, offset: number, { buffer, payloadAt, length }: ReadRoom): void {
    const head = this.#putReadHead(handle, offset, buffer.bytes, payloadAt, length);
    buffer.retain();
    this.#channel.sendSoon(buffer.bytes.subarray(payloadAt - head, payloadAt + length), () => {
      buffer.release();
      this.#onSent();
    });
  }

  /** Sends what was gathered with one write. */
  flush(): void {
    if (this.#from === this.#to) return;
    const buffer = this.#buffer;
    buffer.retain();
    this.#channel.send(buffer.bytes.subarray(this.#from, this.#to), () => {
      buffer.release();
      this.#onSent();
    });
    this.#from = this.#to;
    this.#shed();
  }

  /** Lets the buffer go; nothing may follow. */
  close(): void {
    this.#buffer.release();
  }

  #chunk(handle: Handle, type: number, length: number): number {
    this.#reserve(CHUNK_HEAD_BYTES + length);
    putChunk(this.#buffer.bytes, this.#to, handle, type, length);
    const at = this.#to + CHUNK_HEAD_BYTES;
    this.#to = at + length;
    return at;
  }

  #putReadHead(handle: Handle, offset: number, bytes: Buffer, payloadAt: number, length: number): number {
    if (!this.#structured) {
      putSimple(bytes, payloadAt - SIMPLE_BYTES, handle, 0);
      return SIMPLE_BYTES;
    }
    putChunk(bytes, payloadAt - DATA_HEAD_BYTES, handle, Chunk.data, length + 8);
    putOffset(bytes, payloadAt - 8, offset);
    return DATA_HEAD_BYTES;
  }

  /** Payloads stay off the first 31 bytes of a page; large ones get a buffer of their own, behind nothing else. */
  #reserve(bytes: number, head?: number): void {
    const empty = this.#from === this.#to;
    if (empty && this.#buffer.idle) {
      this.#from = HEAD_BYTES;
      this.#to = HEAD_BYTES;
    }
    const pageAt = head === undefined ? HEAD_BYTES : (this.#to + head) % 4096;
    const fits = this.#to + bytes <= this.#buffer.bytes.length;
    const wellPlaced = pageAt === 0 || pageAt >= 32;
    if (fits && wellPlaced && (bytes <= CHUNK_BYTES / 4 || this.#from === this.#to)) return;
    this.flush();
    if (fits && wellPlaced) return;
    this.#replace(Math.max(CHUNK_BYTES, HEAD_BYTES + bytes));
  }

  /** A buffer that was made for a large read goes back as soon as that is sent: it counts as held. */
  #shed(): void {
    if (this.#buffer.bytes.length >= 2 * CHUNK_BYTES) this.#replace(CHUNK_BYTES);
  }

  #replace(bytes: number): void {
    this.#buffer.release();
    this.#buffer = this.#account.take(bytes);
    this.#from = HEAD_BYTES;
    this.#to = HEAD_BYTES;
  }
}
