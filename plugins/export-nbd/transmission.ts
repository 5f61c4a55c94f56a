import {
  CodedError,
  type Counter,
  type DiskConnection,
  type ExportedDisk,
  type Log,
  reasonOf,
} from "pagurus";
import type { Alertness } from "./alertness.ts";
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
  REQUEST_COST_BYTES,
  TURN_BYTES,
} from "./limits.ts";
import { contextsOf } from "./meta-contexts.ts";
import type { Negotiated } from "./negotiated.ts";
import { Command, CommandFlag, Errno } from "./protocol.ts";
import { type Handle, ReplyWriter } from "./reply-writer.ts";
import { type Request, readStatusQuery, refusalOf } from "./request.ts";
import { type RequestHandler, RequestParser } from "./request-parser.ts";
import { allZero } from "./zeroes.ts";

/** What the connections of a thread share. */
export interface Shared {
  readonly pool: BufferPool;
  readonly alertness: Alertness;
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

const hasFlag = ({ flags }: Request, flag: number): boolean => (flags & flag) !== 0;

/** What is kept of a request that is answered later. */
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
  /** Requests that have come so far. */
  #asked = 0;
  /** Bytes, and what a request costs in bytes, that were asked for in this turn of the event loop. */
  #turnBytes = 0;
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
    const before = this.#asked;
    this.#turnBytes = 0;
    this.#parser.landed(count);
    const goOn = this.#parse();
    // Several at once need no haste, and being late lets more of them come together.
    if (this.#asked === before + 1 && this.#inFlight === 0) this.#shared.alertness.answered();
    return goOn;
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
      this.#draining ||
      this.#turnBytes >= TURN_BYTES ||
      this.#inFlight >= MAX_REQUESTS_IN_FLIGHT ||
      this.#account.heldBytes > MAX_HELD_BYTES
    );
  }

  refusal(request: Request): number {
    return refusalOf(request, this.#disk, this.#negotiated);
  }

  refused(request: Request, errno: number): void {
    this.#answerFailed(request.command, request, errno, "");
  }

  write(request: Request, from: Buffer, holder: { retain(): SharedBuffer }): void {
    this.#asked++;
    this.#turnBytes += REQUEST_COST_BYTES + request.length;
    try {
      const pending = write(this.#connection, request.offset, from, hasFlag(request, CommandFlag.fua));
      if (pending === undefined) this.#replies.simple(request, Errno.none);
      else this.#changeLater(handleOf(request), pending, holder.retain());
    } catch (error) {
      this.#failed(Command.write, request, error);
    }
  }

  query(request: Request, payload: Buffer): void {
    const known = readStatusQuery(payload, request, this.#negotiated);
    const errno = known ? this.refusal(request) : Errno.EINVAL;
    if (errno === Errno.none) this.run(request);
    else this.refused(request, errno);
  }

  run(request: Request): void {
    this.#asked++;
    this.#turnBytes += REQUEST_COST_BYTES + (request.command === Command.read ? request.length : 0);
    if (request.command === Command.read) this.#read(request);
    else if (request.command === Command.blockStatus) this.#blockStatus(request);
    else this.#change(request);
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

  /** Sending makes room for more, unless the client doesn't take it. */
  #parse(): boolean {
    do {
      this.#parser.parse();
      if (!this.#gone) this.#replies.flush();
    } while (this.#parser.stopped && !this.#gone && !this.full());
    if (this.#parser.stopped && this.#turnBytes >= TURN_BYTES) this.#goOnSoon();
    return !this.#parser.stopped;
  }

  /** The thread's other clients have their turn first. */
  #goOnSoon(): void {
    setImmediate(() => {
      this.#turnBytes = 0;
      this.#eased();
    });
  }

  /** A request ended or a reply was taken. What waits here is a dead client's if it has hung up: it never starts. */
  #eased(): void {
    if (!this.#parser.stopped || this.#gone || this.full()) return;
    if (!this.#channel.alive()) this.#lose();
    else if (this.#parse()) this.#channel.resume();
  }

  // What ends at once allocates nothing but the view that the disk reads into: closures are in methods of their own.

  #read(request: Request): void {
    const { offset, length } = request;
    try {
      const into = this.#replies.roomFor(length);
      const pending = this.#connection.read(offset, into);
      if (pending !== undefined) this.#readLater(request, into, pending);
      else if (this.#isHole(request, into)) this.#replies.hole(request, offset, length);
      else this.#replies.filled(request, offset, length);
    } catch (error) {
      this.#failed(Command.read, request, error);
    }
  }

  #readLater(request: Request, into: Buffer, pending: Promise<void>): void {
    const own = { ...request };
    const { offset, length } = own;
    const room = this.#replies.detach(length);
    const answer = () => {
      if (this.#isHole(own, into)) this.#replies.hole(own, offset, length);
      else this.#replies.sendLater(own, offset, room);
    };
    this.#later(Command.read, own, pending, answer, () => room.buffer.release());
  }

  /** A large read that found only zeroes; never where the client wants its bytes in one piece. */
  #isHole(request: Request, bytes: Buffer): boolean {
    if (bytes.length < HOLE_BYTES || this.#negotiated.form === "simple") return false;
    return !hasFlag(request, CommandFlag.dontFragment) && allZero(bytes, this.#shared.zeroes);
  }

  #blockStatus(request: Request): void {
    const handle = handleOf(request);
    const range = { offset: request.offset, length: request.length };
    const atMost = hasFlag(request, CommandFlag.requestOne) ? 1 : MAX_EXTENTS;
    const contexts = contextsOf(request.contexts === 0 ? this.#negotiated.contexts : request.contexts);
    const answer = async () => {
      const found: (readonly number[])[] = [];
      for (const { id } of contexts) found.push(await statusOf(this.#connection, id, range, atMost));
      if (this.#gone) return;
      for (const [n, { id }] of contexts.entries())
        this.#replies.blockStatus(handle, id, found[n] ?? [], n === contexts.length - 1);
    };
    this.#later(Command.blockStatus, handle, answer(), nothing, nothing);
  }

  /** Runs what carries bytes neither way. */
  #change(request: Request): void {
    try {
      const pending = this.#started(request);
      if (pending === undefined) this.#replies.simple(request, Errno.none);
      else this.#changeLater(handleOf(request), pending);
    } catch (error) {
      this.#failed(request.command, request, error);
    }
  }

  #started(request: Request): void | Promise<void> {
    const { command, offset, length } = request;
    const connection = this.#connection;
    const fua = hasFlag(request, CommandFlag.fua);
    if (command === Command.flush) return connection.flush();
    if (command === Command.cache) return connection.prefetch(offset, length);
    if (hasFlag(request, CommandFlag.noHole))
      return writeZeroes(connection, { offset, length }, fua, this.#shared.zeroes);
    return zero(connection, offset, length, { fua, fast: hasFlag(request, CommandFlag.fastZero) });
  }

  #changeLater(handle: Handle, pending: Promise<void>, held?: SharedBuffer): void {
    const answer = () => this.#replies.simple(handle, Errno.none);
    this.#later(Command.write, handle, pending, answer, () => held?.release());
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
