import { AnswerMemory } from "./answer-memory.ts";

/** What is fetched and kept of an object: aligned pieces of so many bytes. */
export const LINE_BYTES = 64 * 1024;
/** Cells of a segment take 8 MiB at most. */
export const LINES_PER_SEGMENT = 2 ** 8;
const SEGMENTS = 2 ** 32;
/** So many logs of one thread leave the keys of lines exact. */
const MAX_LOGS = 2 ** 12;

/** The lines of one log. */
export interface LogLines {
  /** To be used at once: its memory may be another line's in the next turn. */
  get(segment: number, line: number): Buffer | undefined;
  /** Without counting as a use. */
  has(segment: number, line: number): boolean;
  /** Keeps a copy. */
  set(segment: number, line: number, bytes: Buffer): void;
  delete(segment: number, line: number): void;
  /** Where lines lie while they are fetched. */
  readonly answers: AnswerMemory;
}

/** Pieces of objects that were read, those used last kept. All layers of a datastore share it. */
export class LineCache {
  readonly #capacityBytes: number;
  readonly #answers = new AnswerMemory();
  /** In the order of their last use. */
  readonly #lines = new Map<number, Buffer>();
  #bytes = 0;
  #logs = 0;

  constructor(capacityBytes: number) {
    this.#capacityBytes = capacityBytes;
  }

  /** Lines of a log that was opened anew: what was kept of it by an earlier opening is left to be forgotten. */
  open(): LogLines {
    const base = (this.#logs++ % MAX_LOGS) * SEGMENTS * LINES_PER_SEGMENT;
    const keyOf = (segment: number, line: number) => base + segment * LINES_PER_SEGMENT + line;
    return {
      get: (segment, line) => this.#get(keyOf(segment, line)),
      has: (segment, line) => this.#lines.has(keyOf(segment, line)),
      set: (segment, line, bytes) => this.#set(keyOf(segment, line), bytes),
      delete: (segment, line) => this.#delete(keyOf(segment, line)),
      answers: this.#answers,
    };
  }

  #get(key: number): Buffer | undefined {
    const line = this.#lines.get(key);
    if (line === undefined) return undefined;
    this.#lines.delete(key);
    this.#lines.set(key, line);
    return line;
  }

  /** The memory of a line that is forgotten for it is used again: what V8 hears of new memory has it look through its heap. */
  #set(key: number, bytes: Buffer): void {
    this.#delete(key);
    if (bytes.length > this.#capacityBytes) return;
    let memory: Buffer | undefined;
    for (const [oldest, { length }] of this.#lines) {
      if (this.#bytes + bytes.length <= this.#capacityBytes) break;
      const forgotten = this.#delete(oldest);
      if (length === bytes.length) memory = forgotten;
    }
    memory ??= Buffer.allocUnsafeSlow(bytes.length);
    memory.set(bytes);
    this.#lines.set(key, memory);
    this.#bytes += bytes.length;
  }

  #delete(key: number): Buffer | undefined {
    const line = this.#lines.get(key);
    if (line === undefined) return undefined;
    this.#lines.delete(key);
    this.#bytes -= line.length;
    return line;
  }
}
