/** What is asked for ahead at first, and at most: asking is synchronous, about 0.1 µs for each KiB. */
const FIRST_BYTES = 128 * 1024;
const MOST_BYTES = 1024 * 1024;
/** So many readers of one file are told apart: a client's connections, and a copy. */
const STREAMS = 8;

/** A reader that goes through the file: where its next read may begin, and how much is asked for next. */
interface Stream {
  from: number;
  to: number;
  window: number;
}

/**
 * Sees which reads go through the file, and has read what they will want next; reads at random cost nothing more. In
 * place of the kernel's read-ahead, whose large folios make small writes slow.
 */
export class ReadAhead {
  readonly #willNeed: (at: number, length: number) => void;
  /** Who read last comes first. */
  readonly #streams: Stream[] = [];

  constructor(willNeed: (at: number, length: number) => void) {
    this.#willNeed = willNeed;
  }

  /** A read that has to wait for storage. */
  saw(at: number, length: number): void {
    const end = at + length;
    const index = this.#streams.findIndex(({ from, to }) => at >= from && at <= to);
    const [stream] = index < 0 ? [] : this.#streams.splice(index, 1);
    if (stream === undefined) {
      this.#streams.unshift({ from: at, to: end, window: FIRST_BYTES });
      if (this.#streams.length > STREAMS) this.#streams.pop();
      return;
    }
    this.#streams.unshift(stream);
    // Requests of one reader overtake each other.
    stream.from = Math.max(stream.from, at - MOST_BYTES);
    if (stream.to - end > stream.window / 2) return;
    const start = Math.max(stream.to, end);
    this.#willNeed(start, stream.window);
    stream.to = start + stream.window;
    stream.window = Math.min(stream.window * 2, MOST_BYTES);
  }
}
