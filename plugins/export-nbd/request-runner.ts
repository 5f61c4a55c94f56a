import { CodedError, type DiskConnection, type ExportedDisk } from "pagurus";
import { type ContextStatus, statusesOf } from "./block-status.ts";
import type { SharedBuffer } from "./buffer-pool.ts";
import { write, writeZeroes, zero } from "./disk-requests.ts";
import { HOLE_BYTES, MAX_EXTENTS } from "./limits.ts";
import { contextsOf } from "./meta-contexts.ts";
import type { Negotiated } from "./negotiated.ts";
import { Command, CommandFlag, Errno } from "./protocol.ts";
import { type Handle, handleOf } from "./reply-heads.ts";
import type { ReplyWriter } from "./reply-writer.ts";
import { hasFlag, type Request, readStatusQuery, refusalOf } from "./request.ts";
import type { RequestFailures } from "./request-failures.ts";
import type { RequestHandler } from "./request-parser.ts";
import type { Turn } from "./turn.ts";
import { allZero } from "./zeroes.ts";

/** What requests are run with. */
export interface RunnerParts {
  readonly disk: ExportedDisk;
  readonly connection: DiskConnection;
  readonly negotiated: Negotiated;
  readonly replies: ReplyWriter;
  readonly failures: RequestFailures;
  /** Where each request is counted. */
  readonly turn: Turn;
  /** Zeroes, to compare with and to write. */
  readonly zeroes: Buffer;
  /** A request that the disk didn't answer at once has been answered, though not sent. */
  readonly onEnded: () => void;
  /** The disk has found that the client is gone. */
  readonly onPeerLost: () => void;
}

const nothing = (): void => {};

/**
 * Runs one client's requests on the disk and writes the answers. What the disk answers at once is answered without a
 * promise; the rest as it ends, in any order.
 */
export class RequestRunner implements RequestHandler {
  readonly #disk: ExportedDisk;
  readonly #connection: DiskConnection;
  readonly #negotiated: Negotiated;
  readonly #replies: ReplyWriter;
  readonly #failures: RequestFailures;
  readonly #turn: Turn;
  readonly #zeroes: Buffer;
  readonly #onEnded: () => void;
  readonly #onPeerLost: () => void;
  #inFlight = 0;
  #refusing = false;
  #gone = false;

  constructor(parts: RunnerParts) {
    this.#disk = parts.disk;
    this.#connection = parts.connection;
    this.#negotiated = parts.negotiated;
    this.#replies = parts.replies;
    this.#failures = parts.failures;
    this.#turn = parts.turn;
    this.#zeroes = parts.zeroes;
    this.#onEnded = parts.onEnded;
    this.#onPeerLost = parts.onPeerLost;
  }

  /** Requests that the disk has not answered yet. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Nobody is there to be answered any more. */
  clientGone(): void {
    this.#gone = true;
  }

  /** Requests are refused from now on: the disk is being closed. Those in flight are answered. */
  shutDown(): void {
    this.#refusing = true;
  }

  refusal(request: Request): number {
    return this.#refusing ? Errno.ESHUTDOWN : refusalOf(request, this.#disk, this.#negotiated);
  }

  refused(request: Request, errno: number): void {
    this.#turn.count(0);
    this.#answerFailed(request.command, request, errno, "");
  }

  write(request: Request, from: Buffer, holder: { retain(): SharedBuffer }): void {
    this.#turn.count(request.length);
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
    const reads = request.command === Command.read;
    this.#turn.count(reads ? request.length : 0);
    if (reads) this.#read(request);
    else if (request.command === Command.blockStatus) this.#blockStatus(request);
    else this.#change(request);
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
    return !hasFlag(request, CommandFlag.dontFragment) && allZero(bytes, this.#zeroes);
  }

  #blockStatus(request: Request): void {
    const handle = handleOf(request);
    const contexts = contextsOf(request.contexts === 0 ? this.#negotiated.contexts : request.contexts);
    const atMost = hasFlag(request, CommandFlag.requestOne) ? 1 : MAX_EXTENTS;
    const pending = statusesOf(this.#connection, contexts, request.offset, request.length, atMost);
    const answer = (statuses: readonly ContextStatus[]) => this.#replies.blockStatus(handle, statuses);
    this.#later(Command.blockStatus, handle, pending, answer, nothing);
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
      return writeZeroes(connection, { offset, length }, fua, this.#zeroes);
    return zero(connection, offset, length, { fua, fast: hasFlag(request, CommandFlag.fastZero) });
  }

  #changeLater(handle: Handle, pending: Promise<void>, held?: SharedBuffer): void {
    const answer = () => this.#replies.simple(handle, Errno.none);
    this.#later(Command.write, handle, pending, answer, () => held?.release());
  }

  /** Follows what the disk did not answer at once. Buffers are released when it has ended, whoever is still there. */
  #later<T>(
    command: number,
    handle: Handle,
    pending: Promise<T>,
    answer: (outcome: T) => void,
    release: () => void,
  ): void {
    this.#inFlight++;
    const settled = () => {
      release();
      this.#inFlight--;
      this.#onEnded();
    };
    pending.then(
      (outcome) => {
        if (!this.#gone) answer(outcome);
        settled();
      },
      (error: unknown) => {
        this.#failed(command, handle, error);
        settled();
      },
    );
  }

  #failed(command: number, handle: Handle, error: unknown): void {
    if (this.#gone) return;
    if (CodedError.is(error, "peer-lost")) {
      // The disk asked the kernel: the client is gone, though the event loop hasn't told yet.
      this.#onPeerLost();
      return;
    }
    const { errno, reason } = this.#failures.of(error);
    this.#answerFailed(command, handle, errno, reason);
  }

  #answerFailed(command: number, handle: Handle, errno: number, reason: string): void {
    if (command === Command.read || command === Command.blockStatus)
      this.#replies.failed(handle, errno, reason);
    else this.#replies.simple(handle, errno);
  }
}
