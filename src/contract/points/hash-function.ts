import { extensionPoint } from "../extension-point.ts";
import type { Lifecycle } from "../plugin.ts";

/** A digest under way. Not to be shared between tasks; any number of them may be under way at once. */
export interface Digest {
  /** The buffer is the caller's again when it answers. */
  update(bytes: Uint8Array): void;
  /** Ends the digest: whatever it is asked later throws. */
  digest(): Uint8Array;
}

/**
 * Bytes to signature. Pure: the same bytes give the same signature in every thread and process. Only reads what it is
 * given, wherever that lies in its buffer; a signature belongs to whoever asked for it.
 */
export interface HashFunction extends Lifecycle {
  readonly id: string;
  /** The name of a published algorithm, such as `sha256`, where it is one: its signatures are then those that others compute. */
  readonly algorithm?: string;
  readonly digestBytes: number;
  /**
   * Whether equal signatures may stand for equal bytes without a comparison, also where a guest would like them not to:
   * nobody can find two contents with one signature. Takes 28 bytes at least.
   */
  readonly strong: boolean;
  /** The signature of `bytes`, `digestBytes` long. */
  digest(bytes: Uint8Array): Uint8Array;
  /** For content that arrives in parts. */
  create(): Digest;
}
export const HashFunction = extensionPoint<HashFunction>("hash-function");
