import type { Layer, Stamp } from "pagurus";

export const SECTOR = 512;

/** What may be found in place of something: its last durable value and whatever was put there since, newest last. */
type Possible<T> = readonly T[];

/** What a test knows of a layer that it has used, and so what it may find of it after a power cut. */
export class KnownLayer {
  readonly name: string;
  /** `unsure`: it was being made or removed when the power went. */
  there: "yes" | "no" | "unsure" = "no";
  sizes: Possible<number> = [];
  stamps: Possible<Stamp> = [];
  layer: Layer | undefined;
  readonly #sectors = new Map<number, Possible<number>>();

  constructor(name: string) {
    this.name = name;
  }

  get sizeBytes(): number {
    return this.sizes.at(-1) ?? 0;
  }

  made(sizeBytes: number, stamp: Stamp): void {
    this.there = "unsure";
    this.sizes = [sizeBytes];
    this.stamps = [stamp];
    this.#sectors.clear();
  }

  /** `mark` is in every sector of the range now, or will be; 0: it reads as zeroes. */
  put(offset: number, length: number, mark: number): void {
    for (let sector = offset / SECTOR; sector < (offset + length) / SECTOR; sector++)
      this.#sectors.set(sector, [...this.marks(sector), mark]);
  }

  marks(sector: number): Possible<number> {
    return this.#sectors.get(sector) ?? [0];
  }

  /** What is newest now, for `durable` to be told when a flush that begins now has ended. */
  newest(): ReadonlyMap<number, number> {
    return new Map([...this.#sectors].map(([sector, marks]) => [sector, marks.length - 1]));
  }

  durable(newest: ReadonlyMap<number, number>): void {
    for (const [sector, index] of newest) this.#sectors.set(sector, this.marks(sector).slice(index));
  }

  /** What was found is what storage holds. */
  found(sizeBytes: number, stamp: Stamp, marks: readonly number[]): void {
    this.sizes = [sizeBytes];
    this.stamps = [stamp];
    this.#sectors.clear();
    for (const [sector, mark] of marks.entries()) this.#sectors.set(sector, [mark]);
  }
}

/** A sector full of one number, so that a torn or a misplaced one is told. */
export const marked = (length: number, mark: number): Uint8Array =>
  new Uint8Array(new Uint32Array(length / 4).fill(mark).buffer);

/** The number of which the sector is full; `undefined` where it is mixed. */
export const markOf = (sector: Uint8Array): number | undefined => {
  const words = new Uint32Array(sector.buffer, sector.byteOffset, SECTOR / 4);
  const [first = 0] = words;
  return words.every((word) => word === first) ? first : undefined;
};
