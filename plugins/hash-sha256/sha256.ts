import { createHash, hash } from "node:crypto";
import type { Digest, HashFunction } from "pagurus";

const algorithm = "sha256";

/** Node's own, which uses the processor's instructions where it has them. */
export class Sha256 implements HashFunction {
  readonly id: string;
  readonly algorithm = algorithm;
  readonly digestBytes = 32;
  readonly strong = true;

  constructor(id: string) {
    this.id = id;
  }

  digest(bytes: Uint8Array): Uint8Array {
    return hash(algorithm, bytes, "buffer");
  }

  create(): Digest {
    const digest = createHash(algorithm);
    return { update: (bytes) => void digest.update(bytes), digest: () => digest.digest() };
  }
}
