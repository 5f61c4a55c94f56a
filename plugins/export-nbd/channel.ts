import { Socket } from "node:net";
import type { Peer } from "pagurus";
import { CLOSE_TIMEOUT_MS, KEEP_ALIVE_MS, SEND_BUFFER_BYTES } from "./limits.ts";

/** Who takes a channel's bytes. It may be replaced at any time; the successor gets what comes next. */
export interface Receiver {
  /** Where the next bytes go; never empty. Asked for once after each `received`, and kept until the next one. */
  room(): Buffer;
  /** So many bytes are there; answers whether to go on reading. */
  received(count: number): boolean;
  /** The far end sends no more. */
  hungUp(): void;
}

/** The system calls of `pagurus/native` that an export needs. */
export interface NativeCalls {
  dup(fd: number): number;
  peerAlive(fd: number): boolean | undefined;
  send(fd: number, bytes: Uint8Array): number;
  sizeSendBuffer(fd: number, bytes: number): boolean;
}

/** A connected socket's far end and what can be done with it. */
export interface Channel extends Peer {
  receiver: Receiver;
  /**
   * True: the kernel has taken all, and the bytes may be changed. Otherwise `done` is called once, later, when they
   * may be, also when they never got anywhere.
   */
  send(bytes: Buffer, done?: () => void): boolean;
  /** As `send`, at the end of this turn of the event loop, for replies that end one by one; always calls `done`. */
  sendSoon(bytes: Buffer, done: () => void): void;
  /** Reads again, after `received` answered false. */
  resume(): void;
  /**
   * Sends what is waiting, for as long as a close may take, then says good-bye; gone for good when the far end hangs
   * up, or `lingerMs` later.
   */
  end(lingerMs: number): void;
  destroy(): void;
  /** Bytes given to `send` that the kernel has not taken. */
  readonly unsentBytes: number;
  /** Resolves when the socket is closed: from then on nobody writes into `room` any more. */
  readonly closed: Promise<void>;
}

/** The part of a socket's handle that is used here. Node has had it for ever without documenting it. */
interface Handle {
  readonly fd?: number;
}
const handleOf = (socket: object): Handle | null => (socket as { _handle: Handle | null })._handle;

/** The descriptor of a socket or a server; undefined once it is closed. */
export const fdOf = (socket: object): number | undefined => {
  const fd = handleOf(socket)?.fd;
  return fd === undefined || fd < 0 ? undefined : fd;
};

/** Where a channel's socket comes from: a server's accepted socket, not yet read from, or a descriptor. */
export type SocketSource = { readonly accepted: Socket } | { readonly fd: number };

/** A server's sockets have buffers of Node's own: the connection moves to a new one that reads into ours. */
const reopen = (source: SocketSource, onread: object): Socket => {
  const options = { readable: true, writable: true, allowHalfOpen: true, onread };
  if ("fd" in source) return new Socket({ ...options, fd: source.fd } as object);
  const handle = handleOf(source.accepted);
  Object.assign(source.accepted, { _handle: null });
  // Its server counts it until it is destroyed.
  source.accepted.destroy();
  return new Socket({ ...options, handle } as object);
};

/** A channel over a socket of Node's. Owns the source from the call on. */
export class SocketChannel implements Channel {
  receiver: Receiver;
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #native: NativeCalls;
  #there = true;
  /** What goes out at the end of this turn. */
  readonly #soon: { readonly bytes: Buffer; readonly done: () => void }[] = [];
  #linger: NodeJS.Timeout | undefined;
  #ending = false;
  /** Whether the socket still has the send buffer that it came with. */
  #mayGrow = true;
  /** Where Node puts what it reads next, and whose room that is. */
  #landing: Buffer | undefined;
  #landingOf: Receiver | undefined;

  constructor(source: SocketSource, receiver: Receiver, native: NativeCalls) {
    this.receiver = receiver;
    this.#native = native;
    this.#socket = reopen(source, {
      buffer: () => this.#room(),
      callback: (count: number) => this.#received(count),
    });
    this.#socket.setNoDelay(true);
    this.#socket.setKeepAlive(true, KEEP_ALIVE_MS);
    this.#socket.on("end", () => this.#hungUp());
    this.#socket.on("error", () => {
      this.#there = false;
    });
    this.closed = new Promise((resolve) => {
      this.#socket.once("close", () => {
        clearTimeout(this.#linger);
        this.#there = false;
        resolve();
      });
    });
    this.#socket.resume();
  }

  get unsentBytes(): number {
    return this.#socket.writableLength;
  }

  get fd(): number | undefined {
    return fdOf(this.#socket);
  }

  alive(): boolean {
    const { fd } = this;
    return this.#there && fd !== undefined && (this.#native.peerAlive(fd) ?? true);
  }

  send(bytes: Buffer, done?: () => void): boolean {
    const sent = this.#sendNow(bytes);
    if (sent === bytes.length) return true;
    this.#socket.write(sent === 0 ? bytes : bytes.subarray(sent), done);
    return false;
  }

  sendSoon(bytes: Buffer, done: () => void): void {
    this.#soon.push({ bytes, done });
    if (this.#soon.length === 1) setImmediate(() => this.#sendWaiting());
  }

  /** Calls `then` when everything sent so far has left; never, where the connection is lost before. */
  whenSent(then: () => void): void {
    this.#socket.write(new Uint8Array(0), (error) => {
      if (!error) then();
    });
  }

  resume(): void {
    this.#socket.resume();
  }

  end(lingerMs: number): void {
    if (this.#ending) return;
    this.#sendWaiting();
    this.#ending = true;
    this.#linger = setTimeout(() => this.destroy(), CLOSE_TIMEOUT_MS);
    this.#socket.end(() => {
      clearTimeout(this.#linger);
      if (this.#there) this.#linger = setTimeout(() => this.destroy(), lingerMs);
      else this.destroy();
    });
    this.#socket.resume();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #sendWaiting(): void {
    for (const { bytes, done } of this.#soon.splice(0)) if (this.send(bytes, done)) done();
  }

  /** Straight to the kernel where nothing waits before: a stream's machinery costs more than the system call. */
  #sendNow(bytes: Buffer): number {
    const { fd } = this;
    if (fd === undefined || this.#ending || this.#socket.writableLength > 0) return 0;
    const sent = this.#native.send(fd, bytes);
    if (sent === bytes.length || !this.#mayGrow) return sent;
    this.#mayGrow = false;
    // TCP sizes its buffers by itself, better. A unix socket's hold one large read by default, and the next one waits.
    if (this.#socket.remoteAddress !== undefined || !this.#native.sizeSendBuffer(fd, SEND_BUFFER_BYTES))
      return sent;
    return sent + this.#native.send(fd, bytes.subarray(sent));
  }

  #room(): Buffer {
    this.#landingOf = this.receiver;
    this.#landing = this.receiver.room();
    return this.#landing;
  }

  /** Node can't be told of another place once it has one: bytes for a successor are carried over. */
  #received(count: number): boolean {
    if (this.receiver !== this.#landingOf) this.#landing?.copy(this.receiver.room(), 0, 0, count);
    return this.receiver.received(count);
  }

  #hungUp(): void {
    this.#there = false;
    if (this.#socket.writableFinished) this.destroy();
    else this.receiver.hungUp();
  }
}
