const chunkBytes = 64 * 1024;
/** Up to here every byte is compared; of a larger layer what was written, and where a 32-bit offset would put it. */
const compareAllBytes = 64 * 1024 * 1024;
const chunksIn4GiB = 2 ** 32 / chunkBytes;

/** Bytes that tell where they belong: no two places, and no two words, have the same in a row. */
export const pattern = (word: string, offset: number, length: number): Uint8Array => {
  const seed = [...word].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7);
  const bytes = new Uint8Array(length);
  for (let index = 0; index < length; index++)
    bytes[index] = Math.imul(offset + index + seed, 2_654_435_761) >>> 24;
  return bytes;
};

/** The bytes that a layer must hold: zeroes but for what was set. */
export class Model {
  readonly sizeBytes: number;
  readonly #chunks = new Map<number, Uint8Array>();

  constructor(sizeBytes: number) {
    this.sizeBytes = sizeBytes;
  }

  set(bytes: Uint8Array, offset: number): void {
    for (const { chunk, start, end, from } of this.#parts(offset, bytes.length)) {
      const content = this.#chunks.get(chunk) ?? new Uint8Array(chunkBytes);
      content.set(bytes.subarray(from, from + end - start), start);
      this.#chunks.set(chunk, content);
    }
  }

  zero(offset: number, length: number): void {
    for (const { chunk, start, end } of this.#parts(offset, length))
      this.#chunks.get(chunk)?.fill(0, start, end);
  }

  slice(offset: number, length: number): Uint8Array {
    const bytes = Buffer.alloc(length);
    for (const { chunk, start, end, from } of this.#parts(offset, length)) {
      const content = this.#chunks.get(chunk);
      if (content) bytes.set(content.subarray(start, end), from);
    }
    return bytes;
  }

  /** What it holds when it is so long: zeroes beyond its end. */
  resized(sizeBytes: number): Model {
    const model = new Model(sizeBytes);
    for (const { offset, length } of this.ranges())
      if (offset < sizeBytes) model.set(this.slice(offset, Math.min(length, sizeBytes - offset)), offset);
    return model;
  }

  /** The ranges that a comparison looks at. */
  *ranges(): Iterable<{ readonly offset: number; readonly length: number }> {
    const all = Math.ceil(this.sizeBytes / chunkBytes);
    const written = [...this.#chunks.keys()].flatMap((chunk) => [chunk, chunk % chunksIn4GiB]);
    const chunks = this.sizeBytes <= compareAllBytes ? Array(all).keys() : new Set(written);
    for (const chunk of chunks) {
      const offset = chunk * chunkBytes;
      yield { offset, length: Math.min(chunkBytes, this.sizeBytes - offset) };
    }
  }

  *#parts(offset: number, length: number) {
    for (let at = offset; at < offset + length; ) {
      const start = at % chunkBytes;
      const end = Math.min(chunkBytes, start + offset + length - at);
      yield { chunk: Math.floor(at / chunkBytes), start, end, from: at - offset };
      at += end - start;
    }
  }
}
