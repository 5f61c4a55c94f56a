import type { DiskConnection, ExportedDisk } from "pagurus";
import { BufferAccount } from "./buffer-pool.ts";
import type { Channel, Receiver } from "./channel.ts";
import { CLOSE_TIMEOUT_MS, LINGER_MS, MAX_HELD_BYTES, MAX_REQUESTS_IN_FLIGHT } from "./limits.ts";
import type { Negotiated } from "./negotiated.ts";
import { ReplyWriter } from "./reply-writer.ts";
import { RequestFailures } from "./request-failures.ts";
import { RequestParser, type RequestSource } from "./request-parser.ts";
import { RequestRunner } from "./request-runner.ts";
import type { Shared } from "./shared.ts";
import { Turn } from "./turn.ts";

/**
 * One connection after its handshake, from its first request to its end. All answers to one chunk go out with one
 * write. Beyond the limits on requests in flight and on held buffers nothing more is read: a client that takes no
 * replies stops itself.
 */
export class Transmission implements Receiver, RequestSource {
  /** Resolves when the client is gone and what it had started has ended. */
  readonly ended: Promise<void>;
  readonly #channel: Channel;
  readonly #disk: ExportedDisk;
  readonly #connection: DiskConnection;
  readonly #shared: Shared;
  readonly #account: BufferAccount;
  readonly #parser: RequestParser;
  readonly #replies: ReplyWriter;
  readonly #requests: RequestRunner;
  readonly #turn = new Turn();
  /** The disk is being closed: no request is taken, and the last answer ends the connection. */
  #draining = false;
  /** No request is taken any more: the client said good-bye, broke the protocol or is gone. */
  #over = false;
  #gone = false;
  #flushing = false;
  #leave: () => void = () => {};

  constructor(channel: Channel, disk: ExportedDisk, negotiated: Negotiated, shared: Shared) {
    this.#channel = channel;
    this.#disk = disk;
    this.#shared = shared;
    this.#account = new BufferAccount(shared.pool);
    this.#replies = new ReplyWriter(channel, this.#account, negotiated.form, () => this.#eased());
    this.#connection = disk.connect(channel);
    this.#requests = new RequestRunner({
      disk,
      connection: this.#connection,
      negotiated,
      replies: this.#replies,
      failures: new RequestFailures(disk.disk, shared.log),
      turn: this.#turn,
      zeroes: shared.zeroes,
      onEnded: () => this.#requestEnded(),
      onPeerLost: () => this.#lose(),
    });
    const form = { extended: negotiated.form === "extended", maxPayloadBytes: disk.blockSizes.maximum };
    this.#parser = new RequestParser(this.#account, form, this, this.#requests);
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
    this.#turn.begin();
    this.#parser.landed(count);
    const goOn = this.#parse();
    // Several at once need no haste, and being late lets more of them come together.
    if (this.#turn.requests === 1 && this.#requests.inFlight === 0) this.#shared.alertness.answered();
    return goOn;
  }

  /** A client that said good-bye may hang up before its last requests have ended. */
  hungUp(): void {
    if (!this.#over) this.#lose();
  }

  /**
   * Answers what is in flight and hangs up: at once, with what comes meanwhile left unanswered, or, where late requests
   * are to be refused, when the client says good-bye. Resolves when it is gone, which takes `CLOSE_TIMEOUT_MS` at most
   * beside what the disk has started.
   */
  async close(): Promise<void> {
    const timer = setTimeout(() => this.#lose(), CLOSE_TIMEOUT_MS);
    if (this.#shared.rules.lateRequests === "refuse") this.#requests.shutDown();
    else this.#draining = true;
    this.#finishIfDone();
    await this.ended;
    clearTimeout(timer);
  }

  full(): boolean {
    return (
      this.#draining ||
      this.#turn.used ||
      this.#requests.inFlight >= MAX_REQUESTS_IN_FLIGHT ||
      this.#account.heldBytes > MAX_HELD_BYTES
    );
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
    this.#requests.clientGone();
    this.#parser.end();
    this.#channel.destroy();
    this.#leave();
  }

  #finishIfDone(): void {
    if (this.#gone || this.#requests.inFlight > 0 || !(this.#over || this.#draining)) return;
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
    if (this.#parser.stopped && this.#turn.used) this.#goOnSoon();
    return !this.#parser.stopped;
  }

  /** The thread's other clients have their turn first. */
  #goOnSoon(): void {
    setImmediate(() => {
      this.#turn.begin();
      this.#eased();
    });
  }

  /** A request ended or a reply was taken. What waits here is a dead client's if it has hung up: it never starts. */
  #eased(): void {
    if (!this.#parser.stopped || this.#gone || this.full()) return;
    if (!this.#channel.alive()) this.#lose();
    else if (this.#parse()) this.#channel.resume();
  }

  #requestEnded(): void {
    this.#flushSoon();
    this.#eased();
    this.#finishIfDone();
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
}
