import { type Fate, Versions } from "./versions.ts";

/** What storage writes whole or not at all. */
export const SECTOR_BYTES = 512;

/** A sector's bytes; nothing where it is a hole. */
type Sector = Uint8Array | undefined;

/** What a file holds after a power cut. */
export interface FileState {
  readonly sizeBytes: number;
  /** By their index; all others are holes. */
  readonly sectors: ReadonlyMap<number, Uint8Array>;
}

/** The content of a file: each sector, and the size, reaches storage on its own. */
export class VolatileFile {
  readonly #sectors = new Map<number, Versions<Sector>>();
  readonly #size = new Versions(0);

  get sizeBytes(): number {
    return this.#size.latest;
  }

  get volatile(): boolean {
    return this.#size.volatile || [...this.#sectors.values()].some((sector) => sector.volatile);
  }

  write(bytes: Uint8Array, offset: number, at: number): void {
    for (const { index, start, from, to } of parts(offset, bytes.length)) {
      const sector = Uint8Array.from(this.#latest(index) ?? new Uint8Array(SECTOR_BYTES));
      sector.set(bytes.subarray(from, to), start);
      this.#put(index, sector, at);
    }
    this.extend(offset + bytes.length, at);
  }

  /** Zeroes, where they are in the way of nothing that was never written. */
  zero(offset: number, length: number, at: number): void {
    for (const { index, start, from, to } of parts(offset, Math.min(length, this.#end - offset))) {
      const sector = this.#latest(index);
      if (sector === undefined) continue;
      const whole = to - from === SECTOR_BYTES;
      this.#put(index, whole ? undefined : Uint8Array.from(sector).fill(0, start, start + to - from), at);
    }
  }

  extend(sizeBytes: number, at: number): void {
    if (sizeBytes > this.sizeBytes) this.#size.set(sizeBytes, at);
  }

  truncate(sizeBytes: number, at: number): void {
    if (sizeBytes === this.sizeBytes) return;
    this.zero(sizeBytes, this.#end - sizeBytes, at);
    this.#size.set(sizeBytes, at);
  }

  settle(until: number): void {
    this.#size.settle(until);
    for (const sector of this.#sectors.values()) sector.settle(until);
  }

  survivor(fate: Fate): FileState {
    const sizeBytes = this.#size.survivor(fate);
    const sectors = new Map<number, Uint8Array>();
    for (const [index, versions] of this.#sectors) {
      const sector = versions.survivor(fate);
      const length = Math.min(SECTOR_BYTES, sizeBytes - index * SECTOR_BYTES);
      if (sector !== undefined && length > 0) sectors.set(index, sector.subarray(0, length));
    }
    return { sizeBytes, sectors };
  }

  get #end(): number {
    return Math.ceil(this.sizeBytes / SECTOR_BYTES) * SECTOR_BYTES;
  }

  #latest(index: number): Sector {
    return this.#sectors.get(index)?.latest;
  }

  #put(index: number, sector: Sector, at: number): void {
    const versions = this.#sectors.get(index) ?? new Versions<Sector>(undefined);
    versions.set(sector, at);
    this.#sectors.set(index, versions);
  }
}

/** A piece of a range inside one sector: from byte `start` of it, for the buffer's bytes `from` to `to`. */
function* parts(offset: number, length: number) {
  for (let from = 0; from < length; ) {
    const start = (offset + from) % SECTOR_BYTES;
    const to = Math.min(length, from + SECTOR_BYTES - start);
    yield { index: Math.floor((offset + from) / SECTOR_BYTES), start, from, to };
    from = to;
  }
}
