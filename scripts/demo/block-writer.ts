import { Answers, nowMs } from "./answers.ts";
import type { WritingPlace } from "./client.ts";
import { nextOffset } from "./working-set.ts";

export interface BlockWriterOptions extends Pick<WritingPlace, "ledger" | "signal"> {
  /** How many writes are in flight, no two of them to one block. */
  readonly inFlight: number;
  /** Makes the content of the next block. */
  readonly content: () => Uint8Array;
  /** Resolves when the write is acknowledged. */
  readonly write: (offset: number, bytes: Uint8Array) => Promise<void>;
}

/** Random writes of one block each, as fast as they are answered, and the account of what was acknowledged. */
export class BlockWriter {
  readonly answers = new Answers();
  readonly #options: BlockWriterOptions;
  readonly #busy = new Set<number>();
  #loops: Promise<unknown> = Promise.resolve();
  #stopping = false;

  constructor(options: BlockWriterOptions) {
    this.#options = options;
  }

  /** Resolves when the first write was answered. */
  async start(): Promise<void> {
    await this.#writeOne();
    const loops = Promise.all(Array.from({ length: this.#options.inFlight }, () => this.#writeOn()));
    loops.catch(() => undefined);
    this.#loops = loops;
  }

  /** Resolves when every write is answered; rejects with the first that failed. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#loops;
  }

  async #writeOn(): Promise<void> {
    while (!this.#stopping && !this.#options.signal.aborted) await this.#writeOne();
  }

  async #writeOne(): Promise<void> {
    const { content, write, ledger } = this.#options;
    const offset = this.#freeOffset();
    const bytes = content();
    this.#busy.add(offset);
    const startedMs = nowMs();
    await write(offset, bytes);
    const answeredMs = nowMs();
    this.answers.add(answeredMs, answeredMs - startedMs);
    ledger.record(offset, bytes);
    this.#busy.delete(offset);
  }

  /** Two writes to one block at once may land in either order: nobody could say what it must hold. */
  #freeOffset(): number {
    for (;;) {
      const offset = nextOffset();
      if (!this.#busy.has(offset)) return offset;
    }
  }
}
