/** So much is kept for answers to come: what a reader that goes through a disk has on its way. */
const KEPT_BYTES = 32 * 2 ** 20;
const LEAST_BYTES = 64 * 1024;

/** Memory for what the bucket answers, used again: see `SegmentMemory`. All layers of a datastore share it. */
export class AnswerMemory {
  /** By their length, a power of two. */
  readonly #free = new Map<number, Buffer[]>();
  #freeBytes = 0;

  /** Room for so many bytes at least, with one user. */
  take(bytes: number): Answer {
    const size = Math.max(LEAST_BYTES, 2 ** Math.ceil(Math.log2(bytes)));
    const free = this.#free.get(size)?.pop();
    if (free !== undefined) this.#freeBytes -= size;
    return new Answer(free ?? Buffer.allocUnsafeSlow(size), (memory) => this.#give(memory));
  }

  #give(memory: Buffer): void {
    if (this.#freeBytes + memory.length > KEPT_BYTES) return;
    this.#freeBytes += memory.length;
    const free = this.#free.get(memory.length);
    if (free === undefined) this.#free.set(memory.length, [memory]);
    else free.push(memory);
  }
}

/** Memory with several users: the request that fills it, and those who read what has come. */
export class Answer {
  readonly memory: Buffer;
  readonly #onFree: (memory: Buffer) => void;
  #users = 1;

  constructor(memory: Buffer, onFree: (memory: Buffer) => void) {
    this.memory = memory;
    this.#onFree = onFree;
  }

  hold(): void {
    this.#users++;
  }

  /** Where a user never does it is left to the garbage collector. */
  release(): void {
    this.#users--;
    if (this.#users === 0) this.#onFree(this.memory);
  }
}

/** The answers that one read looks into. */
export class HeldAnswers {
  readonly #held = new Set<Answer>();

  add(answer: Answer): void {
    if (this.#held.has(answer)) return;
    this.#held.add(answer);
    answer.hold();
  }

  release(): void {
    for (const answer of this.#held) answer.release();
    this.#held.clear();
  }
}
