import type { ContextStatus } from "./block-status.ts";
import { type BufferAccount, HEAD_BYTES, type SharedBuffer } from "./buffer-pool.ts";
import type { Channel } from "./channel.ts";
import { CHUNK_BYTES } from "./limits.ts";
import type { MessageForm } from "./negotiated.ts";
import { CHUNK_DONE, Chunk } from "./protocol.ts";
import {
  EXTENDED_CHUNK_BYTES,
  type Handle,
  OFFSET_BYTES,
  putChunk,
  putLong,
  putSimple,
  SIMPLE_BYTES,
  STRUCTURED_CHUNK_BYTES,
} from "./reply-heads.ts";

/** A message with an error is for people, and short. */
const MAX_MESSAGE_CHARACTERS = 256;

/** Room for a read that has not ended: the buffer is the disk's until it has. */
export interface ReadRoom {
  readonly buffer: SharedBuffer;
  /** Where the payload begins; its header goes just before. */
  readonly payloadAt: number;
  readonly length: number;
}

/**
 * Gathers the replies of one connection in page-aligned buffers, so that what was parsed together is sent with one
 * write. A buffer is filled from front to back and let go when nobody needs any part of it: a connection without
 * anything to send has none, and busy ones hand on the one that is in the processor's cache. A reply that is ready at
 * once allocates nothing.
 */
export class ReplyWriter {
  readonly #channel: Channel;
  readonly #account: BufferAccount;
  readonly #form: MessageForm;
  readonly #extended: boolean;
  /** Of a chunk's header. */
  readonly #chunkBytes: number;
  /** What goes before the bytes of a read. */
  readonly #readHeadBytes: number;
  readonly #onSent: () => void;
  #buffer: SharedBuffer | undefined;
  /** What is between these is written and not sent. */
  #from = HEAD_BYTES;
  #to = HEAD_BYTES;

  constructor(channel: Channel, account: BufferAccount, form: MessageForm, onSent: () => void) {
    this.#channel = channel;
    this.#account = account;
    this.#form = form;
    this.#extended = form === "extended";
    this.#chunkBytes = this.#extended ? EXTENDED_CHUNK_BYTES : STRUCTURED_CHUNK_BYTES;
    this.#readHeadBytes = form === "simple" ? SIMPLE_BYTES : this.#chunkBytes + OFFSET_BYTES;
    this.#onSent = onSent;
  }

  /** Ends a request without bytes: done where `errno` is 0. */
  simple(handle: Handle, errno: number): void {
    if (this.#extended) {
      if (errno === 0) this.#chunk(handle, Chunk.none, 0);
      else this.failed(handle, errno, "");
      return;
    }
    const { bytes } = this.#reserve(SIMPLE_BYTES);
    putSimple(bytes, this.#to, handle, errno);
    this.#to += SIMPLE_BYTES;
  }

  /** A failed request whose success would have carried bytes. */
  failed(handle: Handle, errno: number, message: string): void {
    if (this.#form === "simple") {
      this.simple(handle, errno);
      return;
    }
    const text = Buffer.from(message.slice(0, MAX_MESSAGE_CHARACTERS));
    const bytes = this.#chunk(handle, Chunk.error, 6 + text.length);
    const at = this.#to - 6 - text.length;
    bytes.writeUInt32BE(errno, at);
    bytes.writeUInt16BE(text.length, at + 4);
    text.copy(bytes, at + 6);
  }

  /** One chunk per context; the last one ends the reply. */
  blockStatus(handle: Handle, statuses: readonly ContextStatus[]): void {
    const last = statuses.length - 1;
    for (const [n, status] of statuses.entries()) this.#status(handle, status, n === last ? CHUNK_DONE : 0);
  }

  /** Room for `length` bytes with their header in front; follow it with one of the next three calls. */
  roomFor(length: number): Buffer {
    const head = this.#readHeadBytes;
    const { bytes } = this.#reserve(head + length, head);
    return bytes.subarray(this.#to + head, this.#to + head + length);
  }

  /** The room was filled at once. */
  filled(handle: Handle, offset: number, length: number): void {
    const { bytes } = this.#current();
    const payloadAt = this.#to + this.#readHeadBytes;
    this.#putReadHead(handle, offset, bytes, payloadAt, length);
    this.#to = payloadAt + length;
  }

  /** The room reads as zeroes: answers a hole, and the room is free again. Never in simple replies. */
  hole(handle: Handle, offset: number, length: number): void {
    const bytes = this.#chunk(handle, Chunk.hole, OFFSET_BYTES + 4);
    const at = putLong(bytes, this.#to - OFFSET_BYTES - 4, offset);
    bytes.writeUInt32BE(length, at);
  }

  /** The room stays the disk's; replies that come meanwhile go behind it. The caller releases its buffer. */
  detach(length: number): ReadRoom {
    const buffer = this.#current().retain();
    const payloadAt = this.#to + this.#readHeadBytes;
    this.flush();
    this.#from = payloadAt + length;
    this.#to = this.#from;
    this.#shed(buffer);
    return { buffer, payloadAt, length };
  }

  sendLater(handle: Handle, offset: number, { buffer, payloadAt, length }: ReadRoom): void {
    const head = this.#putReadHead(handle, offset, buffer.bytes, payloadAt, length);
    buffer.retain();
    this.#channel.sendSoon(buffer.bytes.subarray(payloadAt - head, payloadAt + length), () =>
      this.#sent(buffer),
    );
  }

  /** Sends what was gathered with one write. */
  flush(): void {
    const buffer = this.#buffer;
    if (buffer === undefined) return;
    if (this.#from < this.#to) {
      const bytes = buffer.bytes.subarray(this.#from, this.#to);
      if (this.#channel.send(bytes, this.#taken(buffer))) buffer.release();
      this.#from = this.#to;
    }
    if (buffer.idle) this.close();
    else this.#shed(buffer);
  }

  /** Lets the buffer go. */
  close(): void {
    this.#buffer?.release();
    this.#buffer = undefined;
  }

  /** In a method of its own: where a function makes a closure, each of its calls allocates for it. */
  #taken(buffer: SharedBuffer): () => void {
    buffer.retain();
    return () => this.#sent(buffer);
  }

  #sent(buffer: SharedBuffer): void {
    buffer.release();
    if (this.#from === this.#to && this.#buffer?.idle) this.close();
    this.#onSent();
  }

  #status(handle: Handle, { id, extents }: ContextStatus, flags: number): void {
    const words = extents.length;
    const length = this.#extended ? 8 + 8 * words : 4 + 4 * words;
    const type = this.#extended ? Chunk.blockStatusExtended : Chunk.blockStatus;
    const bytes = this.#chunk(handle, type, length, flags);
    let at = bytes.writeUInt32BE(id, this.#to - length);
    if (this.#extended) {
      at = bytes.writeUInt32BE(words / 2, at);
      for (const number of extents) at = putLong(bytes, at, number);
    } else for (const word of extents) at = bytes.writeUInt32BE(word, at);
  }

  /** Puts a chunk's header; what goes into the chunk ends at `#to`. */
  #chunk(handle: Handle, type: number, length: number, flags: number = CHUNK_DONE): Buffer {
    const { bytes } = this.#reserve(this.#chunkBytes + length);
    putChunk(bytes, this.#to, this.#extended, handle, type, length, flags);
    this.#to += this.#chunkBytes + length;
    return bytes;
  }

  #putReadHead(handle: Handle, offset: number, bytes: Buffer, payloadAt: number, length: number): number {
    const head = this.#readHeadBytes;
    if (this.#form === "simple") putSimple(bytes, payloadAt - head, handle, 0);
    else {
      const at = payloadAt - head;
      putChunk(bytes, at, this.#extended, handle, Chunk.data, length + OFFSET_BYTES, CHUNK_DONE);
      putLong(bytes, payloadAt - OFFSET_BYTES, offset);
    }
    return head;
  }

  /**
   * Payloads stay off the first 31 bytes of a page; large ones get a buffer of their own, behind nothing else.
   * Answers the buffer that has the room, from `#to` on.
   */
  #reserve(bytes: number, head?: number): SharedBuffer {
    const buffer = this.#buffer;
    if (buffer !== undefined) {
      const pageAt = head === undefined ? HEAD_BYTES : (this.#to + head) % 4096;
      const fits = this.#to + bytes <= buffer.bytes.length;
      const wellPlaced = pageAt === 0 || pageAt >= 32;
      const alone = this.#from === this.#to || bytes <= CHUNK_BYTES / 4;
      if (fits && wellPlaced && alone) return buffer;
      this.flush();
      if (fits && wellPlaced && this.#buffer === buffer) return buffer;
    }
    return this.#replace(Math.max(CHUNK_BYTES, HEAD_BYTES + bytes));
  }

  #current(): SharedBuffer {
    return this.#buffer ?? this.#replace(CHUNK_BYTES);
  }

  /** A buffer that was made for a large read is let go as soon as that is sent: it counts as held. */
  #shed(buffer: SharedBuffer): void {
    if (buffer.bytes.length >= 2 * CHUNK_BYTES && this.#buffer === buffer) this.close();
  }

  #replace(bytes: number): SharedBuffer {
    this.close();
    this.#from = HEAD_BYTES;
    this.#to = HEAD_BYTES;
    this.#buffer = this.#account.take(bytes);
    return this.#buffer;
  }
}
