import { type BufferAccount, HEAD_BYTES, type SharedBuffer } from "./buffer-pool.ts";
import { SMALL_WRITE_BYTES } from "./limits.ts";
import { Command, Errno, EXTENDED_REQUEST_BYTES, REQUEST_BYTES } from "./protocol.ts";
import { ReceiveBuffer } from "./receive-buffer.ts";
import { newRequest, type Request, readRequest } from "./request.ts";

/** Where requests come from. */
export interface RequestSource {
  /** Whether nothing may be started now. */
  full(): boolean;
  /** The client says good-bye. */
  disconnect(): void;
  breach(problem: string): void;
}

/** What becomes of requests. A `Request` is only lent: it is used again for the next one. */
export interface RequestHandler {
  /** An error number that refuses the request, or 0. */
  refusal(request: Request): number;
  /** Any command without a payload. */
  run(request: Request): void;
  /** `holder` keeps `from` in place for longer than the call. */
  write(request: Request, from: Buffer, holder: { retain(): SharedBuffer }): void;
  /** A block status request that says in a payload what it asks for. */
  query(request: Request, payload: Buffer): void;
  /** Called when a refused request's payload, if any, has been read over. */
  refused(request: Request, errno: number): void;
}

/** A write whose payload is still arriving, into a buffer of its own. */
interface Payload {
  readonly request: Request;
  readonly buffer: SharedBuffer;
  got: number;
}

/** A refused request whose payload is still to be read over. */
interface Refused {
  readonly request: Request;
  readonly errno: number;
  bytes: number;
}

/** How requests come. */
export interface RequestForm {
  readonly extended: boolean;
  /** Who announces a longer payload in an extended header is dropped; compact ones are read over. */
  readonly maxPayloadBytes: number;
}

/** Cuts what arrives into requests. A write is passed on when its whole payload is here, and never in part. */
export class RequestParser {
  readonly #account: BufferAccount;
  readonly #source: RequestSource;
  readonly #handler: RequestHandler;
  readonly #receive: ReceiveBuffer;
  readonly #request = newRequest();
  #payload: Payload | undefined;
  #refused: Refused | undefined;
  readonly #form: RequestForm;
  readonly #headBytes: number;
  /** Bytes that what has begun to arrive needs in one piece. */
  #wantedBytes: number;
  #landingInPayload = false;
  #stopped = false;
  #ended = false;

  constructor(account: BufferAccount, form: RequestForm, source: RequestSource, handler: RequestHandler) {
    this.#form = form;
    this.#headBytes = form.extended ? EXTENDED_REQUEST_BYTES : REQUEST_BYTES;
    this.#wantedBytes = this.#headBytes;
    this.#account = account;
    this.#source = source;
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

  /** Passes on whatever is complete, until nothing is or the source is full. */
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
    this.#wantedBytes = this.#headBytes;
    if (this.#receive.length < this.#headBytes) return false;
    this.#stopped = this.#source.full();
    return !this.#stopped && this.#next();
  }

  #next(): boolean {
    const request = this.#request;
    const { extended, maxPayloadBytes } = this.#form;
    if (!readRequest(this.#receive.bytes, this.#receive.start, request, extended)) {
      this.#source.breach("a request without its magic");
      return false;
    }
    if (request.command === Command.disconnect) {
      this.end();
      this.#source.disconnect();
      return false;
    }
    if (extended && request.payload > maxPayloadBytes) {
      this.#source.breach("a payload longer than any request may have");
      return false;
    }
    const errno = this.#handler.refusal(request);
    if (errno === Errno.none && request.payload > 0) return this.#withPayload(request);
    this.#receive.use(this.#headBytes);
    if (errno === Errno.none) this.#handler.run(request);
    else this.#refuse(request, errno);
    return true;
  }

  /** The answer waits for the end of the payload: not every client expects it earlier. */
  #refuse(request: Request, errno: number): void {
    if (request.payload === 0) this.#handler.refused(request, errno);
    else this.#refused = { request: { ...request }, errno, bytes: request.payload };
  }

  #withPayload(request: Request): boolean {
    const receive = this.#receive;
    const { payload } = request;
    const bytes = this.#headBytes + payload;
    if (receive.length >= bytes) {
      const at = receive.start + this.#headBytes;
      receive.use(bytes);
      const from = receive.bytes.subarray(at, at + payload);
      if (request.command === Command.write) this.#handler.write(request, from, receive);
      else this.#handler.query(request, from);
      return true;
    }
    if (payload <= SMALL_WRITE_BYTES) {
      this.#wantedBytes = bytes;
      return false;
    }
    receive.use(this.#headBytes);
    const buffer = this.#bufferFor(payload);
    if (buffer === undefined) this.#refuse(request, Errno.ENOMEM);
    else this.#payload = { request: { ...request }, buffer, got: 0 };
    return true;
  }

  /** `undefined` where there is no memory for it, which must not end the process. */
  #bufferFor(payload: number): SharedBuffer | undefined {
    try {
      return this.#account.take(HEAD_BYTES + payload);
    } catch {
      return undefined;
    }
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
    // It may have begun to arrive before the disk began to close.
    const errno = this.#handler.refusal(request);
    const from = buffer.bytes.subarray(HEAD_BYTES, HEAD_BYTES + request.length);
    if (errno === Errno.none) this.#handler.write(request, from, buffer);
    else this.#handler.refused(request, errno);
    buffer.release();
    return true;
  }

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
