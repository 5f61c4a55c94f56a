import type { Socket } from "node:net";
import type { BlockSizes, DirtyExtent } from "pagurus";

/** What a client may have been told that it can ask for, beside reading and flushing. */
export type Ability = "write" | "discard" | "fua" | "fast-zero" | "extents" | "dirty";

/** A request that was answered with an error; `errno` is its name as a guest's kernel has it, such as `ENOSPC`. */
export class Refused extends Error {
  readonly errno: string;

  constructor(errno: string, cause: unknown) {
    super(`refused with ${errno}`, { cause });
    this.errno = errno;
  }
}

/** A range of which a client was told whether it reads as zeroes. */
export interface ToldExtent {
  readonly offset: number;
  readonly length: number;
  readonly zero: boolean;
}

/**
 * One connection of a guest, as the kit needs it. Any number of requests may be under way, and each ends: done,
 * `Refused`, or with another error when the connection ends first. Nothing is repeated and nothing is kept back.
 */
export interface GuestClient {
  readonly sizeBytes: number;
  readonly blockSizes: BlockSizes;
  readonly told: ReadonlySet<Ability>;
  /** Bytes of requests that the far end has not taken yet. */
  readonly unsentBytes: number;
  /** Resolves when the connection has ended, however it did. */
  readonly closed: Promise<void>;
  read(offset: number, length: number): Promise<Uint8Array>;
  write(offset: number, bytes: Uint8Array, how?: { readonly fua?: boolean }): Promise<void>;
  zero(
    offset: number,
    length: number,
    how?: { readonly fua?: boolean; readonly fast?: boolean },
  ): Promise<void>;
  discard(offset: number, length: number): Promise<void>;
  flush(): Promise<void>;
  /** May tell of less than the range. */
  extents(offset: number, length: number): Promise<readonly ToldExtent[]>;
  dirty(offset: number, length: number): Promise<readonly DirtyExtent[]>;
  /** Begins a write and never sends the rest of it. */
  sendHalfAWrite(offset: number, bytes: Uint8Array): void;
  /** What is no request. */
  sendGarbage(): void;
  /** Announces a write of more than any disk takes. */
  sendOversize(): void;
  /** Says good-bye; resolves when it is hung up on. */
  leave(): Promise<void>;
  /** Is gone at once and without a word, as when its host kills it: the kernel knows before this returns. */
  vanish(): void;
}

/** The clients of one kind of address. */
export interface ClientKind {
  connect(uri: string): Promise<GuestClient>;
  /** The names that a client finds at the address. */
  list(uri: string): Promise<readonly string[]>;
  /** The address of something else at the same place. */
  renamed(uri: string, name: string): string;
  /** A connection on which nothing has been said yet. */
  dial(uri: string): Promise<Socket>;
  /** A client that asks for so many bytes and takes no answer. Resolves when it has asked. */
  takeNothing(uri: string, bytes: number): Promise<{ leave(): void }>;
}
