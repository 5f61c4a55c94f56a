/** The unit in which memory is taken and given back. */
export const CHUNK_BYTES = 64 * 1024;

/** A sparse array of bytes: what was never written, or was zeroed in whole chunks, takes no memory. */
export class Chunks {
  readonly #chunks = new Map<number, Uint8Array>();

  get allocatedBytes(): number {
    return this.#chunks.size * CHUNK_BYTES;
  }

  read(offset: number, into: Uint8Array): void {
    for (const { index, start, from, to } of pieces(offset, into.length)) {
      const chunk = this.#chunks.get(index);
      if (chunk === undefined) into.fill(0, from, to);
      else into.set(chunk.subarray(start, start + to - from), from);
    }
  }

  write(offset: number, bytes: Uint8Array): void {
    for (const { index, start, from, to } of pieces(offset, bytes.length)) {
      const chunk = this.#chunks.get(index) ?? new Uint8Array(CHUNK_BYTES);
      chunk.set(bytes.subarray(from, to), start);
      this.#chunks.set(index, chunk);
    }
  }

  zero(offset: number, length: number): void {
    const first = Math.floor(offset / CHUNK_BYTES);
    for (const index of this.#stored(offset, length)) {
      const start = index === first ? offset % CHUNK_BYTES : 0;
      const end = Math.min(CHUNK_BYTES, offset + length - index * CHUNK_BYTES);
      if (start === 0 && end === CHUNK_BYTES) this.#chunks.delete(index);
      else this.#chunks.get(index)?.fill(0, start, end);
    }
  }

  /** The parts of the range that take memory, in order, neighbours joined. */
  stored(offset: number, length: number): readonly { start: number; end: number }[] {
    const runs: { start: number; end: number }[] = [];
    for (const index of this.#stored(offset, length)) {
      const start = Math.max(offset, index * CHUNK_BYTES);
      const end = Math.min(offset + length, (index + 1) * CHUNK_BYTES);
      const last = runs.at(-1);
      if (last?.end === start) last.end = end;
      else runs.push({ start, end });
    }
    return runs;
  }

  /** Costs the lesser of what is stored and what is asked for: disks are far larger than what they hold. */
  #stored(offset: number, length: number): number[] {
    if (length === 0) return [];
    const [first, end] = [Math.floor(offset / CHUNK_BYTES), Math.ceil((offset + length) / CHUNK_BYTES)];
    if (end - first <= this.#chunks.size)
      return Array.from({ length: end - first }, (_, index) => first + index).filter((index) =>
        this.#chunks.has(index),
      );
    return [...this.#chunks.keys()].filter((index) => index >= first && index < end).sort((a, b) => a - b);
  }
}

/** A piece of a range inside one chunk: from byte `start` of chunk `index`, for the buffer's bytes `from` to `to`. */
interface Piece {
  readonly index: number;
  readonly start: number;
  readonly from: number;
  readonly to: number;
}

function* pieces(offset: number, length: number): Iterable<Piece> {
  for (let from = 0; from < length; ) {
    const start = (offset + from) % CHUNK_BYTES;
    const to = Math.min(length, from + CHUNK_BYTES - start);
    yield { index: Math.floor((offset + from) / CHUNK_BYTES), start, from, to };
    from = to;
  }
}
