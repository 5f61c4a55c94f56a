import {
  CodedError,
  type Counter,
  type DiskConnection,
  type ExportedDisk,
  type Log,
  reasonOf,
} from "pagurus";
import { BufferAccount, type BufferPool, type SharedBuffer } from "./buffer-pool.ts";
import type { Channel, Receiver } from "./channel.ts";
import type { ClientRules } from "./config.ts";
import { statusOf, write, writeZeroes, zero } from "./disk-requests.ts";
import { errnoOf } from "./errno.ts";
import {
  CLOSE_TIMEOUT_MS,
  HOLE_BYTES,
  LINGER_MS,
  MAX_EXTENTS,
  MAX_HELD_BYTES,
  MAX_REQUESTS_IN_FLIGHT,
} from "./limits.ts";
import { contextsOf } from "./meta-contexts.ts";
import type { Negotiated } from "./negotiated.ts";
import { Command, CommandFlag, Errno } from "./protocol.ts";
import { type Handle, type ReadRoom, ReplyWriter } from "./reply-writer.ts";
import { type Request, readStatusQuery, refusalOf } from "./request.ts";
import { type RequestHandler, RequestParser } from "./request-parser.ts";
import { allZero } from "./zeroes.ts";

/** What the connections of a thread share. */
export interface Shared {
  readonly pool: BufferPool;
  /** Zeroes, to compare with and to write. */
  readonly zeroes: Buffer;
  readonly log: Log;
  readonly rules: ClientRules;
  /** Clients that chose an export, by the form of their messages. */
  readonly clients: Counter;
}

const nothing = (): void => {};
/** Answers that tell of the request, not of the disk: nothing to be logged. */
const asksTooMuch: ReadonlySet<number> = new Set([Errno.EINVAL, Errno.ENOTSUP]);

const handleOf = ({ high, low, offsetHigh, offsetLow }: Request): Handle => ({
  high,
  low,
  offsetHigh,
  offsetLow,
});

/**
 * One connection after its handshake: runs requests on the disk and answers. What the disk answers at once is
 * answered without a promise, and all of one chunk with one write; the rest is answered as it ends. Beyond the
 * limits on requests in flight and on held buffers nothing more is read: a client that takes no replies stops
 * itself.
 */
export class Transmission implements Receiver, RequestHandler {
  /** Resolves when the client is gone and what it had started has ended. */
  readonly ended: Promise<void>;
  readonly #channel: Channel;
  readonly #disk: ExportedDisk;
  readonly #connection: DiskConnection;
  readonly #negotiated: Negotiated;
  readonly #shared: Shared;
  readonly #account: BufferAccount;
  readonly #parser: RequestParser;
  readonly #replies: ReplyWriter;
  #inFlight = 0;
  #failures = 0;
  /** The disk is being closed: no request is started any more. */
  #draining = false;
  /** No request is taken any more: the client said good-bye, broke the protocol or is gone. */
  #over = false;
  #gone = false;
  #flushing = false;
  #leave: () => void = nothing;

  constructor(channel: Channel, disk: ExportedDisk, negotiated: Negotiated, shared: Shared) {
    this.#channel = channel;
    this.#disk = disk;
    this.#negotiated = negotiated;
    this.#shared = shared;
    this.#account = new BufferAccount(shared.pool);
    const requests = {
      extended: negotiated.form === "extended",
      maxPayloadBytes: disk.blockSizes.maximum,
    };
    this.#parser = new RequestParser(this.#account, requests, this);
    this.#replies = new ReplyWriter(channel, this.#account, negotiated.form, () => this.#eased());
    this.#connection = disk.connect(channel);
    this.ended = this.#end();
  }

  /** Takes over from the handshake, with what it had read too much; answers whether to read on. */
  begin(rest: Uint8Array): boolean {
    this.#parser.append(rest);
    return this.#parse();
  }

  room(): Buffer {
    return this.#parser.room();
  }

  received(count: number): boolean {
    this.#parser.landed(count);
    return this.#parse();
  }

  /** A client that said good-bye may hang up before its last requests have ended. */
  hungUp(): void {
    if (!this.#over) this.#lose();
  }

  /**
   * Answers what is in flight, leaves unanswered what comes, hangs up. An error would reach the guest behind a client
   * that reconnects; what was never answered it asks for again.
   */
  async close(): Promise<void> {
    this.#draining = true;
    const timer = setTimeout(() => this.#lose(), CLOSE_TIMEOUT_MS);
    this.#finishIfDone();
    await this.ended;
    clearTimeout(timer);
  }

  full(): boolean {
    return (
      this.#draining || this.#inFlight >= MAX_REQUESTS_IN_FLIGHT || this.#account.heldBytes > MAX_HELD_BYTES
    );
  }

  refusal(request: Request): number {
    return refusalOf(request, this.#disk, this.#negotiated);
  }

  refused(request: Request, errno: number): void {
    this.#answerFailed(request.command, request, errno, "");
  }

  write(request: Request, from: Buffer, holder: { retain(): SharedBuffer }): void {
    const { offset } = request;
    const fua = (request.flags & CommandFlag.fua) !== 0;
    this.#change(handleOf(request), () => write(this.#connection, offset, from, fua), holder);
  }

  query(request: Request, payload: Buffer): void {
    const known = readStatusQuery(payload, request, this.#negotiated);
    const errno = known ? this.refusal(request) : Errno.EINVAL;
    if (errno === Errno.none) this.run(request);
    else this.refused(request, errno);
  }

  run(request: Request): void {
    const { command, flags, offset, length } = request;
    const has = (flag: number) => (flags & flag) !== 0;
    const handle = handleOf(request);
    const range = { offset, length };
    const fua = has(CommandFlag.fua);
    const connection = this.#connection;
    if (command === Command.read) this.#read(handle, offset, length, !has(CommandFlag.dontFragment));
    else if (command === Command.flush) this.#change(handle, () => connection.flush());
    else if (command === Command.blockStatus)
      this.#blockStatus(handle, range, request.contexts, has(CommandFlag.requestOne) ? 1 : MAX_EXTENTS);
    else if (command === Command.cache) this.#change(handle, () => connection.prefetch(offset, length));
    else if (has(CommandFlag.noHole))
      this.#change(handle, () => writeZeroes(connection, range, fua, this.#shared.zeroes));
    else {
      const how = { fua, fast: has(CommandFlag.fastZero) };
      this.#change(handle, () => zero(connection, offset, length, how));
    }
  }

  disconnect(): void {
    this.#over = true;
    this.#finishIfDone();
  }

  breach(problem: string): void {
    this.#shared.log.warn("dropped a client that broke the NBD protocol", { disk: this.#disk.disk, problem });
    this.#lose();
  }

  async #end(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#leave = resolve;
      void this.#channel.closed.then(() => this.#lose());
    });
    await Promise.all([this.#connection.close(), this.#channel.closed]);
    this.#parser.close();
    this.#replies.close();
  }

  #lose(): void {
    this.#gone = true;
    this.#over = true;
    this.#parser.end();
    this.#channel.destroy();
    this.#leave();
  }

  #finishIfDone(): void {
    if (this.#gone || this.#inFlight > 0 || !(this.#over || this.#draining)) return;
    this.#over = true;
    this.#parser.end();
    this.#replies.flush();
    this.#channel.end(LINGER_MS);
  }

  #parse(): boolean {
    this.#parser.parse();
    if (!this.#gone) this.#replies.flush();
    return !this.#parser.stopped;
  }

  /** A request ended or a reply was taken. What waits here is a dead client's if it has hung up: it never starts. */
  #eased(): void {
    if (!this.#parser.stopped || this.#gone || this.full()) return;
    if (!this.#channel.alive()) this.#lose();
    else if (this.#parse()) this.#channel.resume();
  }

  #read(handle: Handle, offset: number, length: number, mayBeHole: boolean): void {
    let room: ReadRoom;
    let pending: void | Promise<void>;
    try {
      room = this.#replies.roomFor(length);
      pending = this.#connection.read(
        offset,
        room.buffer.bytes.subarray(room.payloadAt, room.payloadAt + length),
      );
    } catch (error) {
      this.#failed(Command.read, handle, error);
      return;
    }
    if (pending === undefined) {
      if (mayBeHole && this.#isHole(room)) this.#replies.hole(handle, offset, length);
      else this.#replies.filled(handle, offset, room);
      return;
    }
    this.#replies.detach(room);
    const answer = () => {
      if (mayBeHole && this.#isHole(room)) this.#replies.hole(handle, offset, length);
      else this.#replies.sendLater(handle, offset, room);
    };
    this.#later(Command.read, handle, pending, answer, () => room.buffer.release());
  }

  #isHole({ buffer, payloadAt, length }: ReadRoom): boolean {
    if (length < HOLE_BYTES || this.#negotiated.form === "simple") return false;
    return allZero(buffer.bytes, payloadAt, payloadAt + length, this.#shared.zeroes);
  }

  #blockStatus(
    handle: Handle,
    range: { offset: number; length: number },
    asked: number,
    atMost: number,
  ): void {
    const contexts = contextsOf(asked === 0 ? this.#negotiated.contexts : asked);
    const answer = async () => {
      const found: (readonly number[])[] = [];
      for (const { id } of contexts) found.push(await statusOf(this.#connection, id, range, atMost));
      if (this.#gone) return;
      for (const [n, { id }] of contexts.entries())
        this.#replies.blockStatus(handle, id, found[n] ?? [], n === contexts.length - 1);
    };
    this.#later(Command.blockStatus, handle, answer(), nothing, nothing);
  }

  /** Runs what is answered without bytes. */
  #change(handle: Handle, start: () => void | Promise<void>, holder?: { retain(): SharedBuffer }): void {
    const answer = () => this.#replies.simple(handle, Errno.none);
    try {
      const pending = start();
      if (pending === undefined) {
        answer();
        return;
      }
      const held = holder?.retain();
      this.#later(Command.write, handle, pending, answer, () => held?.release());
    } catch (error) {
      this.#failed(Command.write, handle, error);
    }
  }

  /** Follows what the disk did not answer at once. Buffers are released when it has ended, whoever is still there. */
  #later(
    command: number,
    handle: Handle,
    pending: Promise<void>,
    answer: () => void,
    release: () => void,
  ): void {
    this.#inFlight++;
    const settled = () => {
      release();
      this.#inFlight--;
      this.#flushSoon();
      this.#eased();
      this.#finishIfDone();
    };
    pending.then(
      () => {
        if (!this.#gone) answer();
        settled();
      },
      (error: unknown) => {
        this.#failed(command, handle, error);
        settled();
      },
    );
  }

  /** Answers that come one by one in the same turn of the event loop go out together. */
  #flushSoon(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    setImmediate(() => {
      this.#flushing = false;
      if (!this.#gone) this.#replies.flush();
    });
  }

  #failed(command: number, handle: Handle, error: unknown): void {
    if (this.#gone) return;
    if (CodedError.is(error, "peer-lost")) {
      // The disk asked the kernel: the client is gone, though the event loop hasn't told yet.
      this.#lose();
      return;
    }
    const errno = errnoOf(error);
    const reason = CodedError.is(error) ? error.code : reasonOf(error);
    if (!asksTooMuch.has(errno) && this.#failures++ === 0)
      this.#shared.log.warn("a client's request failed; later ones of this client are not logged", {
        disk: this.#disk.disk,
        errno,
        reason,
        data: CodedError.is(error) ? error.data : undefined,
      });
    this.#answerFailed(command, handle, errno, reason);
  }

  #answerFailed(command: number, handle: Handle, errno: number, reason: string): void {
    if (command === Command.read || command === Command.blockStatus)
      this.#replies.failed(handle, errno, reason);
    else this.#replies.simple(handle, errno);
  }
}
