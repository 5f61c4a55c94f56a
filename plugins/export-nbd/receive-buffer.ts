import { type BufferAccount, HEAD_BYTES, type SharedBuffer } from "./buffer-pool.ts";
import { CHUNK_BYTES } from "./limits.ts";

/** Less room than this isn't worth a read from the socket. */
const LEAST_ROOM_BYTES = 64 * 1024;

/**
 * What arrived and was not used yet. Bytes stay where they landed, for as long as a write of them is under way; a
 * full buffer is followed by a fresh one, which takes over what is not used.
 */
export class ReceiveBuffer {
  readonly #account: BufferAccount;
  #buffer: SharedBuffer;
  #start = HEAD_BYTES;
  #end = HEAD_BYTES;

  constructor(account: BufferAccount) {
    this.#account = account;
    this.#buffer = account.take(CHUNK_BYTES);
  }

  get bytes(): Buffer {
    return this.#buffer.bytes;
  }

  /** Where the unused bytes begin. */
  get start(): number {
    return this.#start;
  }

  get length(): number {
    return this.#end - this.#start;
  }

  /** Keeps the bytes that are here now in place until it is released. */
  retain(): SharedBuffer {
    return this.#buffer.retain();
  }

  use(count: number): void {
    this.#start += count;
  }

  /** Where more can land: enough that `wanted` unused bytes can lie together. The place holds until `landed`. */
  room(wanted: number): Buffer {
    if (this.length === 0 && this.#buffer.idle) {
      this.#start = HEAD_BYTES;
      this.#end = HEAD_BYTES;
    }
    const least = Math.max(LEAST_ROOM_BYTES, wanted - this.length);
    if (this.#buffer.bytes.length - this.#end < least) this.#move(least);
    return this.#buffer.bytes.subarray(this.#end);
  }

  landed(count: number): void {
    this.#end += count;
  }

  /** Bytes that came another way, as if they had landed. */
  append(bytes: Uint8Array): void {
    this.room(this.length + bytes.length).set(bytes);
    this.landed(bytes.length);
  }

  close(): void {
    this.#buffer.release();
  }

  #move(least: number): void {
    const former = this.#buffer;
    const { length } = this;
    this.#buffer = this.#account.take(Math.max(CHUNK_BYTES, HEAD_BYTES + length + least));
    former.bytes.copy(this.#buffer.bytes, HEAD_BYTES, this.#start, this.#end);
    this.#start = HEAD_BYTES;
    this.#end = HEAD_BYTES + length;
    former.release();
  }
}
