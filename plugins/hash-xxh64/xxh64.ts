import { createXXHash64, type IHasher } from "hash-wasm";
import type { Digest, HashFunction } from "pagurus";

/** With seed 0. Signatures are in the order in which XXH64 is written: most significant byte first. */
export class Xxh64 implements HashFunction {
  readonly id: string;
  readonly algorithm = "xxh64";
  readonly digestBytes = 8;
  readonly strong = false;
  #hasher: IHasher | undefined;

  constructor(id: string) {
    this.id = id;
  }

  async start(): Promise<void> {
    this.#hasher ??= await createXXHash64();
  }

  digest(bytes: Uint8Array): Uint8Array {
    return this.#started.init().update(bytes).digest("binary");
  }

  /** Digests share the one hasher: each keeps its state between its parts, so they may take turns. */
  create(): Digest {
    const hasher = this.#started;
    let state: Uint8Array | undefined = hasher.init().save();
    const load = () => {
      if (state === undefined) throw new TypeError("the digest has ended");
      return hasher.load(state);
    };
    return {
      update(bytes) {
        state = load().update(bytes).save();
      },
      digest() {
        const ended = load();
        state = undefined;
        return ended.digest("binary");
      },
    };
  }

  get #started(): IHasher {
    if (this.#hasher === undefined) throw new TypeError("XXH64 is used before its start");
    return this.#hasher;
  }
}
