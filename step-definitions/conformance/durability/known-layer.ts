import type { Stamp } from "pagurus";
import type { DatastoreTask } from "pagurus/conformance";

export const SECTOR_BYTES = 512;

/** What was put into a sector, by which task; the first is what is durable for certain. */
interface Put {
  readonly mark: number;
  readonly task: number;
  settled: boolean;
}

const empty: Put = { mark: 0, task: -1, settled: true };

/**
 * What is known of a layer from what a process was asked to do with it and what it has answered: so what may be found
 * of it once the process, or its host's power, is gone. Puts of the same sector never overlap in time.
 */
export class KnownLayer {
  readonly name: string;
  /** `unsure`: it was being made or removed. */
  there: "yes" | "no" | "unsure" = "no";
  /** What may be found, newest last. */
  sizes: readonly number[] = [];
  stamps: readonly Stamp[] = [];
  readonly #sectors = new Map<number, readonly Put[]>();
  /** What each flush under way covers: of each sector, the newest put that had settled when it was asked for. */
  readonly #flushes = new Map<number, ReadonlyMap<number, Put>>();
  /** Every put in its order, and how many of them are durable for certain. */
  readonly #history: { readonly sectors: readonly number[]; readonly put: Put }[] = [];
  #durablePuts = 0;

  constructor(name: string) {
    this.name = name;
  }

  asked(number: number, task: DatastoreTask): void {
    if (task.do === "create") {
      this.there = "unsure";
      this.sizes = [task.sizeBytes];
      this.stamps = [task.stamp];
      this.#sectors.clear();
    } else if (task.do === "write" || task.do === "zero") {
      this.#put(task.offset, task.length, { mark: task.mark, task: number, settled: false });
    } else if (task.do === "flush") {
      this.#flushes.set(number, this.#settled());
    } else if (task.do === "resize") {
      const longest = Math.max(...this.sizes);
      this.sizes = [...this.sizes, task.sizeBytes];
      if (task.sizeBytes < longest)
        this.#put(task.sizeBytes, longest - task.sizeBytes, { mark: 0, task: number, settled: false });
    } else if (task.do === "stamp") this.stamps = [...this.stamps, task.stamp];
    else if (task.do === "remove") this.there = "unsure";
  }

  answered(number: number, task: DatastoreTask): void {
    if (task.do === "create") this.there = "yes";
    else if (task.do === "remove") this.there = "no";
    else if (task.do === "stamp") this.stamps = [task.stamp];
    else if (task.do === "flush") this.#durable(this.#flushes.get(number) ?? new Map());
    else if (task.do === "write" || task.do === "zero") this.#settle(number);
    else if (task.do === "resize") {
      this.sizes = [task.sizeBytes];
      this.#settle(number);
      const cut = [...this.#settled()].filter(([sector]) => sector * SECTOR_BYTES >= task.sizeBytes);
      this.#durable(new Map(cut));
    }
  }

  /** What each sector may be full of. */
  marks(sector: number): readonly number[] {
    return this.#of(sector).map(({ mark }) => mark);
  }

  /**
   * Whether the marks are what the layer held after some number of its writes, all that was flushed among them, and
   * none after those: a prefix of what was written.
   */
  isPrefix(found: readonly number[]): boolean {
    const content = new Array<number>(found.length).fill(0);
    for (let count = 0; ; count++) {
      if (count >= this.#durablePuts && found.every((mark, sector) => mark === content[sector])) return true;
      const next = this.#history[count];
      if (next === undefined) return false;
      for (const sector of next.sectors) content[sector] = next.put.mark;
    }
  }

  #of(sector: number): readonly Put[] {
    return this.#sectors.get(sector) ?? [empty];
  }

  #put(offset: number, length: number, put: Put): void {
    const sectors = Array.from(
      { length: length / SECTOR_BYTES },
      (_, index) => offset / SECTOR_BYTES + index,
    );
    for (const sector of sectors) this.#sectors.set(sector, [...this.#of(sector), put]);
    this.#history.push({ sectors, put });
  }

  #settle(task: number): void {
    for (const { put } of this.#history) if (put.task === task) put.settled = true;
  }

  #settled(): ReadonlyMap<number, Put> {
    return new Map(
      [...this.#sectors].map(([sector, puts]) => [sector, puts.findLast(({ settled }) => settled) ?? empty]),
    );
  }

  #durable(newest: ReadonlyMap<number, Put>): void {
    for (const [sector, put] of newest) {
      const puts = this.#of(sector);
      this.#sectors.set(sector, puts.slice(Math.max(0, puts.indexOf(put))));
    }
    const last = this.#history.findLastIndex(({ put }) => [...newest.values()].includes(put));
    this.#durablePuts = Math.max(this.#durablePuts, last + 1);
  }
}
