/** What is asked for ahead at first, and at most, in bytes. */
export interface ReadAheadLimits {
  readonly firstBytes: number;
  readonly mostBytes: number;
}

/** So many readers of one layer are told apart: a client's connections, and a copy. */
const STREAMS = 8;

/** A reader that goes through the layer: where its next read may begin, and how much is asked for next. */
interface Stream {
  from: number;
  to: number;
  window: number;
}

/**
 * For datastores: sees which reads go through a layer, and has read what they will want next; reads at random cost
 * nothing more. Offsets and lengths are bytes. Asks at once, within `saw`, and never fails.
 */
export class ReadAhead {
  readonly #willNeed: (at: number, length: number) => void;
  readonly #limits: ReadAheadLimits;
  /** Who read last comes first. */
  readonly #streams: Stream[] = [];

  /** `willNeed` may be asked beyond the end of the layer, and for what it has already. */
  constructor(willNeed: (at: number, length: number) => void, limits: ReadAheadLimits) {
    this.#willNeed = willNeed;
    this.#limits = limits;
  }

  /** A read that has to wait for storage. */
  saw(at: number, length: number): void {
    const end = at + length;
    const index = this.#find(at);
    if (index >= 0) {
      this.#goesOn(index, at, end);
      return;
    }
    this.#streams.unshift({ from: at, to: end, window: this.#limits.firstBytes });
    if (this.#streams.length > STREAMS) this.#streams.pop();
  }

  /** A read of what was at hand: a reader that is known goes on, no new one begins. */
  sawAtHand(at: number, length: number): void {
    const index = this.#find(at);
    if (index >= 0) this.#goesOn(index, at, at + length);
  }

  #find(at: number): number {
    return this.#streams.findIndex(({ from, to }) => at >= from && at <= to);
  }

  #goesOn(index: number, at: number, end: number): void {
    const [stream] = this.#streams.splice(index, 1);
    if (stream === undefined) return;
    const { mostBytes } = this.#limits;
    this.#streams.unshift(stream);
    // Requests of one reader overtake each other.
    stream.from = Math.max(stream.from, at - mostBytes);
    if (stream.to - end > stream.window / 2) return;
    const start = Math.max(stream.to, end);
    this.#willNeed(start, stream.window);
    stream.to = start + stream.window;
    stream.window = Math.min(stream.window * 2, mostBytes);
  }
}
