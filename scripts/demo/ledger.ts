import { hash } from "node:crypto";

export const BLOCK_BYTES = 4096;
const DIGEST_BYTES = 32;
const zeroes = Buffer.alloc(BLOCK_BYTES);

/** What a disk must hold: the SHA-256 of every block whose write was acknowledged, and zeroes everywhere else. */
export class Ledger {
  readonly #digests: Buffer;
  readonly #written: Uint8Array;

  constructor(sizeBytes: number) {
    const blocks = sizeBytes / BLOCK_BYTES;
    this.#digests = Buffer.alloc(blocks * DIGEST_BYTES);
    this.#written = new Uint8Array(blocks);
  }

  /** Number of blocks that were ever written. */
  get blocks(): number {
    return this.#written.reduce((sum, one) => sum + one, 0);
  }

  /** Call it when the write has been acknowledged; whole blocks only. */
  record(offset: number, bytes: Uint8Array): void {
    for (const [block, content] of blocksOf(offset, bytes)) {
      hash("sha256", content, "buffer").copy(this.#digests, block * DIGEST_BYTES);
      this.#written[block] = 1;
    }
  }

  /** How many of these blocks are not what they must be. */
  differences(offset: number, bytes: Uint8Array): number {
    let count = 0;
    for (const [block, content] of blocksOf(offset, bytes)) if (!this.#isRight(block, content)) count++;
    return count;
  }

  #isRight(block: number, content: Uint8Array): boolean {
    if (this.#written[block] === 0) return zeroes.equals(content);
    const at = block * DIGEST_BYTES;
    return hash("sha256", content, "buffer").equals(this.#digests.subarray(at, at + DIGEST_BYTES));
  }
}

function* blocksOf(offset: number, bytes: Uint8Array): Generator<readonly [number, Uint8Array]> {
  for (let at = 0; at < bytes.length; at += BLOCK_BYTES)
    yield [(offset + at) / BLOCK_BYTES, bytes.subarray(at, at + BLOCK_BYTES)];
}
