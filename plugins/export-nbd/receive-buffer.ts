import { type BufferAccount, HEAD_BYTES, type SharedBuffer } from "./buffer-pool.ts";
import { IDLE_ROOM_BYTES, RECEIVE_BYTES } from "./limits.ts";

/** Less room than this isn't worth a read from the socket, where more was coming. */
const LEAST_ROOM_BYTES = 64 * 1024;

/**
 * What arrived and was not used yet. Bytes stay where they landed, for as long as a write of them is under way; a
 * full buffer is followed by a fresh one, which takes over what is not used. The place where bytes land must be known
 * before they come, so an idle connection keeps one: a small one, until that is filled.
 */
export class ReceiveBuffer {
  readonly #account: BufferAccount;
  #buffer: SharedBuffer;
  #start = HEAD_BYTES;
  #end = HEAD_BYTES;
  /** Whether more than a small buffer holds came at once. */
  #busy = false;

  constructor(account: BufferAccount) {
    this.#account = account;
    this.#buffer = account.take(IDLE_ROOM_BYTES);
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
    const { length } = this;
    const more = Math.max(wanted - length, this.#busy ? LEAST_ROOM_BYTES : IDLE_ROOM_BYTES / 4);
    const calm = !this.#busy && Math.max(wanted, length) < IDLE_ROOM_BYTES / 2;
    const outgrown = calm && this.#buffer.bytes.length > LEAST_ROOM_BYTES;
    if (length === 0 && this.#buffer.idle) {
      this.#start = HEAD_BYTES;
      this.#end = HEAD_BYTES;
    }
    if (outgrown || this.#buffer.bytes.length - this.#end < more)
      this.#move(Math.max(this.#busy ? RECEIVE_BYTES : IDLE_ROOM_BYTES, HEAD_BYTES + length + more));
    return this.#buffer.bytes.subarray(this.#end);
  }

  landed(count: number): void {
    this.#end += count;
    // Up again at once, down only well below: one that changes all the time would be moved all the time.
    this.#busy = this.#busy ? count >= IDLE_ROOM_BYTES / 4 : count >= IDLE_ROOM_BYTES / 2;
  }

  /** Bytes that came another way, as if they had landed. */
  append(bytes: Uint8Array): void {
    this.room(this.length + bytes.length).set(bytes);
    this.landed(bytes.length);
  }

  close(): void {
    this.#buffer.release();
  }

  #move(bytes: number): void {
    const former = this.#buffer;
    const { length } = this;
    this.#buffer = this.#account.take(bytes);
    former.bytes.copy(this.#buffer.bytes, HEAD_BYTES, this.#start, this.#end);
    this.#start = HEAD_BYTES;
    this.#end = HEAD_BYTES + length;
    former.release();
  }
}
