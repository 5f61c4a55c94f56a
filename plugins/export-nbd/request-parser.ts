import { type BufferAccount, HEAD_BYTES, type SharedBuffer } from "./buffer-pool.ts";
import { SMALL_WRITE_BYTES } from "./limits.ts";
import { Command, Errno, REQUEST_BYTES } from "./protocol.ts";
import { ReceiveBuffer } from "./receive-buffer.ts";
import { newRequest, type Request, readRequest } from "./request.ts";

/** What becomes of requests. A `Request` is only lent: it is used again for the next one. */
export interface RequestHandler {
  /** Whether nothing may be started now. */
  full(): boolean;
  /** An error number that refuses the request, or 0. */
  refusal(request: Request): number;
  /** Any command but write. */
  run(request: Request): void;
  /** `holder` keeps `from` in place for longer than the call. */
  write(request: Request, from: Buffer, holder: { retain(): SharedBuffer }): void;
  /** Called when a refused write's payload has been read over. */
  refused(request: Request, errno: number): void;
  /** The client says good-bye. */
  disconnect(): void;
  breach(problem: string): void;
}

/** A write whose payload is still arriving, into a buffer of its own. */
interface Payload {
  readonly request: Request;
  readonly buffer: SharedBuffer;
  got: number;
}

/** A refused write whose payload is still to be read over. */
interface Refused {
  readonly request: Request;
  readonly errno: number;
  bytes: number;
}

/** Cuts what arrives into requests. A write is passed on when its whole payload is here, and never in part. */
export class RequestParser {
  readonly #account: BufferAccount;
  readonly #handler: RequestHandler;
  readonly #receive: ReceiveBuffer;
  readonly #request = newRequest();
  #payload: Payload | undefined;
  #refused: Refused | undefined;
  /** Bytes that what has begun to arrive needs in one piece. */
  #wantedBytes = REQUEST_BYTES;
  #landingInPayload = false;
  #stopped = false;
  #ended = false;

  constructor(account: BufferAccount, handler: RequestHandler) {
    this.#account = account;
    this.#handler = handler;
    this.#receive = new ReceiveBuffer(account);
  }

  /** Whether it waits for `full` to change, with requests unread. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** Bytes that came with the handshake. */
  append(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#receive.append(bytes);
  }

  room(): Buffer {
    const payload = this.#payload;
    this.#landingInPayload = payload !== undefined && this.#receive.length === 0;
    return payload !== undefined && this.#landingInPayload
      ? payload.buffer.bytes.subarray(HEAD_BYTES + payload.got, HEAD_BYTES + payload.request.length)
      : this.#receive.room(this.#wantedBytes);
  }

  landed(count: number): void {
    if (this.#landingInPayload && this.#payload !== undefined) this.#payload.got += count;
    else this.#receive.landed(count);
  }

  /** Passes on whatever is complete, until nothing is or the handler is full. */
  parse(): void {
    this.#stopped = false;
    while (!this.#ended && this.#step());
    if (this.#ended) this.#receive.use(this.#receive.length);
  }

  /** Nothing is passed on any more. */
  end(): void {
    this.#ended = true;
    this.#stopped = false;
  }

  /** Gives the buffers back; nobody may write into `room` any more. */
  close(): void {
    this.end();
    this.#payload?.buffer.release();
    this.#payload = undefined;
    this.#receive.close();
  }

  /** Uses the next thing that is here; false when it has to wait. */
  #step(): boolean {
    if (this.#payload !== undefined) return this.#fill(this.#payload);
    if (this.#refused !== undefined) return this.#readOver(this.#refused);
    this.#wantedBytes = REQUEST_BYTES;
    if (this.#receive.length < REQUEST_BYTES) return false;
    this.#stopped = this.#handler.full();
    return !this.#stopped && this.#next();
  }

  #next(): boolean {
    const request = this.#request;
    if (!readRequest(this.#receive.bytes, this.#receive.start, request)) {
      this.#handler.breach("a request without its magic");
      return false;
    }
    if (request.command === Command.disconnect) {
      this.end();
      this.#handler.disconnect();
      return false;
    }
    const errno = this.#handler.refusal(request);
    const isWrite = request.command === Command.write;
    if (errno === Errno.none && isWrite) return this.#write(request);
    this.#receive.use(REQUEST_BYTES);
    if (errno === Errno.none) this.#handler.run(request);
    else if (isWrite) this.#refused = { request: { ...request }, errno, bytes: request.length };
    else this.#handler.refused(request, errno);
    return true;
  }

  #write(request: Request): boolean {
    const receive = this.#receive;
    if (receive.length >= REQUEST_BYTES + request.length) {
      const at = receive.start + REQUEST_BYTES;
      receive.use(REQUEST_BYTES + request.length);
      this.#handler.write(request, receive.bytes.subarray(at, at + request.length), receive);
      return true;
    }
    if (request.length <= SMALL_WRITE_BYTES) {
      this.#wantedBytes = REQUEST_BYTES + request.length;
      return false;
    }
    receive.use(REQUEST_BYTES);
    this.#payload = {
      request: { ...request },
      buffer: this.#account.take(HEAD_BYTES + request.length),
      got: 0,
    };
    return true;
  }

  #fill(payload: Payload): boolean {
    const receive = this.#receive;
    const { request, buffer } = payload;
    const count = Math.min(request.length - payload.got, receive.length);
    receive.bytes.copy(buffer.bytes, HEAD_BYTES + payload.got, receive.start, receive.start + count);
    receive.use(count);
    payload.got += count;
    if (payload.got < request.length) return false;
    this.#payload = undefined;
    this.#handler.write(request, buffer.bytes.subarray(HEAD_BYTES, HEAD_BYTES + request.length), buffer);
    buffer.release();
    return true;
  }

  /** The answer waits for the end of the payload: not every client expects it earlier. */
  #readOver(refused: Refused): boolean {
    const count = Math.min(refused.bytes, this.#receive.length);
    this.#receive.use(count);
    refused.bytes -= count;
    if (refused.bytes > 0) return false;
    this.#refused = undefined;
    this.#handler.refused(refused.request, refused.errno);
    return true;
  }
}
