import { setMaxListeners } from "node:events";
import { logObjectKey } from "./layout.ts";
import { LINE_BYTES, LINES_PER_SEGMENT, type LogLines } from "./line-cache.ts";
import type { Objects } from "./objects.ts";

/** One request fetches so many lines at most: a MiB. */
const MAX_LINES = 16;

/** A line, or undefined where the object that it is wanted of is gone. Empty beyond the object's end. */
export type FetchedLine = Promise<Buffer | undefined>;

/** Fetches lines of a log's objects into the cache, each once however many want it, and those side by side together. */
export class Fetcher {
  readonly #objects: Objects;
  readonly #log: string;
  readonly #lines: LogLines;
  readonly #abort = new AbortController();
  readonly #underWay = new Map<number, FetchedLine>();

  constructor(objects: Objects, log: string, lines: LogLines) {
    this.#objects = objects;
    // Every request listens to it.
    setMaxListeners(0, this.#abort.signal);
    this.#log = log;
    this.#lines = lines;
  }

  /** Lines of one object, in order. */
  fetch(segment: number, first: number, count: number): FetchedLine[] {
    const fetched: FetchedLine[] = [];
    for (let line = first; line < first + count; line++) {
      const asked = this.#underWay.get(keyOf(segment, line));
      if (asked === undefined) this.#ask(segment, line, Math.min(MAX_LINES, first + count - line));
      fetched.push(asked ?? this.#underWay.get(keyOf(segment, line)) ?? Promise.resolve(undefined));
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
    await Promise.allSettled(this.#underWay.values());
  }

  /** Asks for as many lines as nobody has asked for yet. */
  #ask(segment: number, first: number, most: number): void {
    let count = 1;
    while (count < most && !this.isUnderWay(segment, first + count)) count++;
    const whole = this.#objects.get(logObjectKey(this.#log, segment), {
      offset: first * LINE_BYTES,
      length: count * LINE_BYTES,
      signal: this.#abort.signal,
    });
    for (let at = 0; at < count; at++) {
      const key = keyOf(segment, first + at);
      const line = whole.then((bytes) => {
        if (bytes === undefined) return undefined;
        const part = bytes.subarray(at * LINE_BYTES, (at + 1) * LINE_BYTES);
        this.#lines.set(segment, first + at, part);
        return part;
      });
      this.#underWay.set(key, line);
      const ended = () => this.#underWay.delete(key);
      line.then(ended, ended);
    }
  }
}

const keyOf = (segment: number, line: number): number => segment * LINES_PER_SEGMENT + line;
