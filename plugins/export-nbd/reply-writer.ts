import { type BufferAccount, HEAD_BYTES, type SharedBuffer } from "./buffer-pool.ts";
import type { Channel } from "./channel.ts";
import { CHUNK_BYTES } from "./limits.ts";
import type { MessageForm } from "./negotiated.ts";
import { CHUNK_DONE, Chunk } from "./protocol.ts";
import {
  CHUNK_BYTES as CHUNK_HEAD_BYTES,
  type Handle,
  OFFSET_BYTES,
  putExtended,
  putLong,
  putSimple,
  putStructured,
  SIMPLE_BYTES,
} from "./reply-heads.ts";

export type { Handle } from "./reply-heads.ts";

/** A message with an error is for people, and short. */
const MAX_MESSAGE_CHARACTERS = 256;

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
  readonly #form: MessageForm;
  readonly #chunkBytes: number;
  /** What goes before the bytes of a read. */
  readonly #readHeadBytes: number;
  readonly #onSent: () => void;
  #buffer: SharedBuffer;
  /** What is between these is written and not sent. */
  #from = HEAD_BYTES;
  #to = HEAD_BYTES;

  constructor(channel: Channel, account: BufferAccount, form: MessageForm, onSent: () => void) {
    this.#channel = channel;
    this.#account = account;
    this.#form = form;
    this.#chunkBytes = CHUNK_HEAD_BYTES[form === "extended" ? "extended" : "structured"];
    this.#readHeadBytes = form === "simple" ? SIMPLE_BYTES : this.#chunkBytes + OFFSET_BYTES;
    this.#onSent = onSent;
    this.#buffer = account.take(CHUNK_BYTES);
  }

  /** Ends a request without bytes: done where `errno` is 0. */
  simple(handle: Handle, errno: number): void {
    if (this.#form === "extended") {
      if (errno === 0) this.#chunk(handle, Chunk.none, 0);
      else this.failed(handle, errno, "");
      return;
    }
    this.#reserve(SIMPLE_BYTES);
    putSimple(this.#buffer.bytes, this.#to, handle, errno);
    this.#to += SIMPLE_BYTES;
  }

  /** A failed request whose success would have carried bytes. */
  failed(handle: Handle, errno: number, message: string): void {
    if (this.#form === "simple") {
      this.simple(handle, errno);
      return;
    }
    const text = Buffer.from(message.slice(0, MAX_MESSAGE_CHARACTERS));
    const length = 6 + text.length;
    const at = this.#chunk(handle, Chunk.error, length);
    this.#buffer.bytes.writeUInt32BE(errno, at);
    this.#buffer.bytes.writeUInt16BE(text.length, at + 4);
    text.copy(this.#buffer.bytes, at + 6);
  }

  /** `extents` are lengths and states in turn. There is one chunk per context; the last one ends the reply. */
  blockStatus(handle: Handle, context: number, extents: readonly number[], last: boolean): void {
    const flags = last ? CHUNK_DONE : 0;
    if (this.#form === "extended") {
      const count = extents.length / 2;
      let at = this.#chunk(handle, Chunk.blockStatusExtended, 8 + 16 * count, flags);
      const { bytes } = this.#buffer;
      at = bytes.writeUInt32BE(context, at);
      at = bytes.writeUInt32BE(count, at);
      for (const number of extents) at = putLong(bytes, at, number);
      return;
    }
    let at = this.#chunk(handle, Chunk.blockStatus, 4 + 4 * extents.length, flags);
    at = this.#buffer.bytes.writeUInt32BE(context, at);
    for (const word of extents) at = this.#buffer.bytes.writeUInt32BE(word, at);
  }

  /** Room for `length` bytes with their header in front; follow it with one of the calls below. */
  roomFor(length: number): ReadRoom {
    const head = this.#readHeadBytes;
    this.#reserve(head + length, head);
    return { buffer: this.#buffer, payloadAt: this.#to + head, length };
  }

  /** The room was filled at once. */
  filled(handle: Handle, offset: number, { payloadAt, length }: ReadRoom): void {
    this.#putReadHead(handle, offset, this.#buffer.bytes, payloadAt, length);
    this.#to = payloadAt + length;
  }

  /** The room reads as zeroes: answers a hole, and the room is free again. Never in simple replies. */
  hole(handle: Handle, offset: number, length: number): void {
    const at = this.#chunk(handle, Chunk.hole, OFFSET_BYTES + 4);
    putLong(this.#buffer.bytes, at, offset);
    this.#buffer.bytes.writeUInt32BE(length, at + OFFSET_BYTES);
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

  /** Puts a chunk's header; answers where its content goes. */
  #chunk(handle: Handle, type: number, length: number, flags: number = CHUNK_DONE): number {
    this.#reserve(this.#chunkBytes + length);
    this.#putChunkHead(this.#buffer.bytes, this.#to, handle, type, length, flags);
    const at = this.#to + this.#chunkBytes;
    this.#to = at + length;
    return at;
  }

  #putReadHead(handle: Handle, offset: number, bytes: Buffer, payloadAt: number, length: number): number {
    const head = this.#readHeadBytes;
    if (this.#form === "simple") putSimple(bytes, payloadAt - head, handle, 0);
    else {
      this.#putChunkHead(bytes, payloadAt - head, handle, Chunk.data, length + OFFSET_BYTES, CHUNK_DONE);
      putLong(bytes, payloadAt - OFFSET_BYTES, offset);
    }
    return head;
  }

  #putChunkHead(
    bytes: Buffer,
    at: number,
    handle: Handle,
    type: number,
    length: number,
    flags: number,
  ): void {
    if (this.#form === "extended") putExtended(bytes, at, handle, type, length, flags);
    else putStructured(bytes, at, handle, type, length, flags);
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
