import { extensionPoint } from "../extension-point.ts";
import type { Lifecycle } from "../plugin.ts";

/** A digest under way. Not to be shared between tasks. */
export interface Digest {
  update(bytes: Uint8Array): void;
  /** Ends the digest. */
  digest(): Uint8Array;
}

/** Bytes to signature. Pure: the same bytes give the same signature in every thread and process. */
export interface HashFunction extends Lifecycle {
  readonly id: string;
  readonly digestBytes: number;
  /** Whether equal signatures may stand for equal bytes without a comparison. */
  readonly strong: boolean;
  /** The signature of `bytes`, `digestBytes` long. */
  digest(bytes: Uint8Array): Uint8Array;
  /** For content that arrives in parts. */
  create(): Digest;
}
export const HashFunction = extensionPoint<HashFunction>("hash-function");
