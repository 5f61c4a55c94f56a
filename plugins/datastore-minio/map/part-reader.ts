/** Reads what `PartWriter` writes. A RangeError where it isn't that. */
export class PartReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get ended(): boolean {
    return this.#at === this.#bytes.length;
  }

  byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw new RangeError("it ends in the middle of a number");
    return byte;
  }

  number(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value |= (byte & 127) << shift;
      if (byte < 128) return value >>> 0;
    }
    throw new RangeError("a number has no end");
  }

  fixed(bytes: number): number {
    let value = 0;
    for (let at = 0; at < bytes; at++) value |= this.byte() << (8 * at);
    return value >>> 0;
  }
}
