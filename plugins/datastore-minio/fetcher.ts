import { setMaxListeners } from "node:events";
import type { Answer, HeldAnswers } from "./answer-memory.ts";
import { logObjectKey } from "./layout.ts";
import { LINE_BYTES, LINES_PER_SEGMENT, type LogLines } from "./line-cache.ts";
import type { Objects } from "./objects.ts";

/** One request fetches so many lines at most, 8 MiB: with 1 MiB each a server of MinIO needs twice the processor time. */
const MAX_LINES = 128;

/** A line, or undefined where the object that it is wanted of is gone. Empty beyond the object's end. */
export type FetchedLine = Promise<Buffer | undefined>;

/** Fetches lines of a log's objects into the cache, each once however many want it, and those side by side together. */
export class Fetcher {
  readonly #objects: Objects;
  readonly #log: string;
  readonly #lines: LogLines;
  readonly #abort = new AbortController();
  readonly #underWay = new Map<number, UnderWay>();

  constructor(objects: Objects, log: string, lines: LogLines) {
    this.#objects = objects;
    // Every request listens to it.
    setMaxListeners(0, this.#abort.signal);
    this.#log = log;
    this.#lines = lines;
  }

  /** Lines of one object, in order. They stay as they are until `held` is released; without it nobody looks at them. */
  fetch(segment: number, first: number, count: number, held?: HeldAnswers): FetchedLine[] {
    const fetched: FetchedLine[] = [];
    for (let line = first; line < first + count; line++) {
      if (!this.isUnderWay(segment, line))
        this.#ask(segment, line, Math.min(MAX_LINES, first + count - line));
      const asked = this.#underWay.get(keyOf(segment, line));
      if (asked === undefined) continue;
      held?.add(asked.answer);
      fetched.push(asked.line);
    }
    return fetched;
  }

  /** Whether somebody waits for it already. */
  isUnderWay(segment: number, line: number): boolean {
    return this.#underWay.has(keyOf(segment, line));
  }

  /** Tears down what is under way, whose askers are rejected, and ends when that has ended. */
  async stop(): Promise<void> {
    this.#abort.abort();
    await Promise.allSettled([...this.#underWay.values()].map(({ line }) => line));
  }

  /** Asks for as many lines as nobody has asked for yet. Each is there as soon as its bytes are. */
  #ask(segment: number, first: number, most: number): void {
    let count = 1;
    while (count < most && !this.isUnderWay(segment, first + count)) count++;
    const answer = this.#lines.answers.take(count * LINE_BYTES);
    const row = Array.from({ length: count }, (_, at) => this.#expect(keyOf(segment, first + at), answer));
    const settle = (bytes: Buffer | undefined, lines: number) => {
      for (let at = count - row.length; at < lines; at++) {
        const line = bytes?.subarray(at * LINE_BYTES, (at + 1) * LINE_BYTES);
        if (line !== undefined) this.#lines.set(segment, first + at, line);
        row.shift()?.resolve(line);
      }
    };
    const range = {
      offset: first * LINE_BYTES,
      length: count * LINE_BYTES,
      into: answer.memory,
      signal: this.#abort.signal,
      onBytes: (bytes: Buffer, came: number) => settle(bytes, Math.min(count, Math.floor(came / LINE_BYTES))),
    };
    this.#objects.get(logObjectKey(this.#log, segment), range).then(
      (bytes) => {
        settle(bytes, count);
        answer.release();
      },
      (error: unknown) => {
        for (const { reject } of row) reject(error);
      },
    );
  }

  #expect(key: number, answer: Answer): Expected {
    let expected: Expected = { resolve: () => undefined, reject: () => undefined };
    const line: FetchedLine = new Promise((resolve, reject) => {
      expected = {
        resolve: (bytes) => {
          this.#underWay.delete(key);
          resolve(bytes);
        },
        reject: (error) => {
          this.#underWay.delete(key);
          reject(error);
        },
      };
    });
    this.#underWay.set(key, { line, answer });
    return expected;
  }
}

interface UnderWay {
  readonly line: FetchedLine;
  readonly answer: Answer;
}

interface Expected {
  readonly resolve: (line: Buffer | undefined) => void;
  readonly reject: (error: unknown) => void;
}

const keyOf = (segment: number, line: number): number => segment * LINES_PER_SEGMENT + line;
