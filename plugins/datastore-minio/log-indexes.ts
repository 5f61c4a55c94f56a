import { fetchIndex } from "./fetch-index.ts";
import { logKey, logObjectKey, numberOf } from "./layout.ts";
import type { Objects } from "./objects.ts";
import type { DecodedIndex } from "./segment-index.ts";

/** How many indexes are read ahead of the one that is wanted. */
const AHEAD = 16;

/** The indexes of the objects of a log that a list has shown, several read at once. */
export class LogIndexes {
  readonly #objects: Objects;
  readonly #log: string;
  /** What the list said of each number's size. */
  readonly #listed: ReadonlyMap<number, number>;
  readonly #numbers: readonly number[];
  readonly #reading = new Map<number, Promise<DecodedIndex | undefined>>();

  private constructor(objects: Objects, log: string, listed: ReadonlyMap<number, number>) {
    this.#objects = objects;
    this.#log = log;
    this.#listed = listed;
    this.#numbers = [...listed.keys()];
  }

  static async after(objects: Objects, log: string, number: number): Promise<LogIndexes> {
    const listed = new Map<number, number>();
    const after = number > 0 ? { after: logObjectKey(log, number) } : {};
    for await (const { key, sizeBytes } of objects.list(logKey(log), after)) {
      const found = numberOf(key);
      if (found !== undefined) listed.set(found, sizeBytes);
    }
    return new LogIndexes(objects, log, listed);
  }

  /** Those above `number` that were listed, in order. */
  above(number: number): readonly number[] {
    return this.#numbers.filter((listed) => listed > number);
  }

  /**
   * The index under that number, `undefined` where there is none: also not by now, since a list that was read while a
   * writer went on may lack an object and show later ones.
   */
  async read(number: number): Promise<DecodedIndex | undefined> {
    const ahead = this.#listed.has(number) ? AHEAD : 1;
    for (let next = number; next < number + ahead; next++) {
      if (this.#reading.has(next) || (next > number && !this.#listed.has(next))) continue;
      const sizeBytes = this.#listed.get(next);
      const reading = fetchIndex(
        this.#objects,
        logObjectKey(this.#log, next),
        sizeBytes === undefined ? {} : { sizeBytes },
      );
      reading.catch(() => undefined); // told to whoever asks for it
      this.#reading.set(next, reading);
    }
    const wanted = this.#reading.get(number);
    this.#reading.delete(number);
    return wanted;
  }
}
