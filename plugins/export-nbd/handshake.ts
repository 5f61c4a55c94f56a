import type { ExportEntry } from "pagurus";
import { type NativeCalls, type Receiver, SocketChannel, type SocketSource } from "./channel.ts";
import { HANDSHAKE_TIMEOUT_MS, MAX_HANDSHAKE_UNSENT_BYTES, SHUTDOWN_GRACE_MS } from "./limits.ts";
import type { Negotiated } from "./negotiated.ts";
import { Negotiation, type Offer } from "./negotiation.ts";

/** What a client chose. */
export interface Choice {
  readonly entry: ExportEntry;
  readonly negotiated: Negotiated;
  /** What it sent beyond its choice. */
  readonly rest: Buffer;
}

const READ_BYTES = 64 * 1024;

/**
 * Negotiates over a fresh connection. A client that breaks the protocol, takes too long or takes no answers is
 * dropped. `onChosen` runs at once when an export is chosen and answers whether to go on reading, for the receiver
 * that it may have put in this one's place.
 */
export class Handshake implements Receiver {
  readonly channel: SocketChannel;
  readonly #negotiation: Negotiation;
  readonly #bytes = Buffer.alloc(READ_BYTES);
  #timer: NodeJS.Timeout;
  /** It has led somewhere or nowhere: what still comes is read over. */
  #over = false;
  readonly #onChosen: (choice: Choice) => boolean;

  constructor(
    source: SocketSource,
    native: NativeCalls,
    offer: Offer,
    onChosen: (choice: Choice) => boolean,
  ) {
    this.#onChosen = onChosen;
    this.channel = new SocketChannel(source, this, native);
    this.#timer = setTimeout(() => this.channel.destroy(), HANDSHAKE_TIMEOUT_MS);
    void this.channel.closed.then(() => clearTimeout(this.#timer));
    this.#negotiation = new Negotiation(offer, (bytes) => this.channel.send(bytes));
  }

  room(): Buffer {
    return this.#bytes;
  }

  received(count: number): boolean {
    if (this.#over) return true;
    const outcome = this.#negotiation.feed(this.#bytes.subarray(0, count));
    this.#over = outcome.state !== "more";
    if (outcome.state === "chosen") {
      clearTimeout(this.#timer);
      return this.#onChosen(outcome);
    }
    if (outcome.state === "drop") this.channel.end(0);
    else if (this.channel.unsentBytes > MAX_HANDSHAKE_UNSENT_BYTES) this.channel.destroy();
    return !this.#over;
  }

  /** What is asked next is refused, then it is hung up on; whoever asks nothing is, after a moment. */
  shutDown(): Promise<void> {
    this.#negotiation.shutDown();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.channel.destroy(), SHUTDOWN_GRACE_MS);
    return this.channel.closed;
  }

  hungUp(): void {
    this.channel.destroy();
  }
}
