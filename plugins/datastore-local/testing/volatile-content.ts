import type { Run } from "pagurus/native";
import { type Pick, Versions } from "./versions.ts";

/** What storage writes whole or not at all. */
const SECTOR_BYTES = 512;

/** A sector's bytes; nothing where it is a hole. */
type Sector = Uint8Array | undefined;

/** The content of a file: each sector, and the size, is durable on its own. */
export class VolatileContent {
  readonly #sectors = new Map<number, Versions<Sector>>();
  readonly #size: Versions<number>;

  constructor(sizeBytes = 0) {
    this.#size = new Versions(sizeBytes);
  }

  get sizeBytes(): number {
    return this.#size.latest;
  }

  get allocatedBytes(): number {
    return [...this.#sectors.values()].filter(({ latest }) => latest !== undefined).length * SECTOR_BYTES;
  }

  read(into: Uint8Array, at: number): number {
    const length = Math.max(0, Math.min(into.length, this.sizeBytes - at));
    for (const { index, start, from, to } of parts(at, length)) {
      const sector = this.#sectors.get(index)?.latest;
      if (sector === undefined) into.fill(0, from, to);
      else into.set(sector.subarray(start, start + to - from), from);
    }
    return length;
  }

  write(bytes: Uint8Array, at: number, now: number): void {
    for (const { index, start, from, to } of parts(at, bytes.length)) {
      const sector = Uint8Array.from(this.#sectors.get(index)?.latest ?? new Uint8Array(SECTOR_BYTES));
      sector.set(bytes.subarray(from, to), start);
      this.#put(index, sector, now);
    }
    if (at + bytes.length > this.sizeBytes) this.#size.set(at + bytes.length, now);
  }

  /** Holes for whole sectors, zeroes for parts of them. */
  punch(at: number, length: number, now: number): void {
    for (const { index, start, from, to } of parts(at, Math.min(length, this.#end - at))) {
      const sector = this.#sectors.get(index)?.latest;
      if (sector === undefined) continue;
      const whole = to - from === SECTOR_BYTES;
      this.#put(index, whole ? undefined : Uint8Array.from(sector).fill(0, start, start + to - from), now);
    }
  }

  truncate(sizeBytes: number, now: number): void {
    if (sizeBytes < this.sizeBytes) this.punch(sizeBytes, this.#end - sizeBytes, now);
    this.#size.set(sizeBytes, now);
  }

  runAt(at: number): Run {
    const dataAt = (index: number) => this.#sectors.get(index)?.latest !== undefined;
    const end = Math.ceil(this.sizeBytes / SECTOR_BYTES);
    let index = Math.floor(at / SECTOR_BYTES);
    const data = index < end && dataAt(index);
    while (index < end && dataAt(index) === data) index++;
    return { data, end: index < end || data ? index * SECTOR_BYTES : Number.POSITIVE_INFINITY };
  }

  settle(until: number): void {
    this.#size.settle(until);
    for (const sector of this.#sectors.values()) sector.settle(until);
  }

  survivor(pick: Pick): VolatileContent {
    const survivor = new VolatileContent(this.#size.survivor(pick));
    for (const [index, versions] of this.#sectors) {
      const sector = versions.survivor(pick);
      const bytes = survivor.sizeBytes - index * SECTOR_BYTES;
      if (sector !== undefined && bytes > 0)
        survivor.#sectors.set(index, new Versions<Sector>(Uint8Array.from(sector).fill(0, bytes)));
    }
    return survivor;
  }

  get #end(): number {
    return Math.ceil(this.sizeBytes / SECTOR_BYTES) * SECTOR_BYTES;
  }

  #put(index: number, sector: Sector, now: number): void {
    const versions = this.#sectors.get(index) ?? new Versions<Sector>(undefined);
    versions.set(sector, now);
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
