import { createHash } from "node:crypto";

const CHUNK_BYTES = 64 * 1024;
/** No single number takes more. */
const ROOM = 8;

/** What is written is hashed a chunk at a time, so that no step of it takes long. */
export class PartWriter {
  readonly #chunks: Uint8Array[] = [];
  readonly #hash = createHash("sha256");
  #chunk = new Uint8Array(CHUNK_BYTES);
  #at = 0;
  #before = 0;

  get length(): number {
    return this.#before + this.#at;
  }

  byte(value: number): void {
    this.#room();
    this.#chunk[this.#at++] = value;
  }

  /** Little-endian, in the fewest bytes of seven bits each; all but the last have the eighth set. */
  number(value: number): void {
    this.#room();
    let rest = value;
    for (; rest > 127; rest >>>= 7) this.#chunk[this.#at++] = (rest & 127) | 128;
    this.#chunk[this.#at++] = rest;
  }

  /** Little-endian, in so many bytes. */
  fixed(value: number, bytes: number): void {
    this.#room();
    for (let at = 0; at < bytes; at++) this.#chunk[this.#at++] = value >>> (8 * at);
  }

  /** All of it, after which nothing more is written. */
  end(): { readonly chunks: readonly Uint8Array[]; readonly length: number; readonly digest: Uint8Array } {
    this.#close();
    return { chunks: this.#chunks, length: this.#before, digest: this.#hash.digest() };
  }

  #room(): void {
    if (this.#at + ROOM <= CHUNK_BYTES) return;
    this.#close();
    this.#chunk = new Uint8Array(CHUNK_BYTES);
  }

  #close(): void {
    const chunk = this.#chunk.subarray(0, this.#at);
    this.#hash.update(chunk);
    this.#chunks.push(chunk);
    this.#before += this.#at;
    this.#at = 0;
  }
}
