import type { LockRange, Run } from "pagurus/native";

/**
 * The file system as this datastore uses it, and all of it: a test can stand between and lose what was not synced,
 * or fail. Errors are those of `node:fs`, with their `code`.
 */
export interface Files {
  /** Whether locks and holes can be had at all. */
  readonly native: boolean;
  /** How many calls of this process can wait for storage at once. */
  readonly poolThreads: number;
  /** `create` refuses what exists; the new directory entry is durable only after `syncDirectory`. */
  open(path: string, how: "read" | "write" | "create"): Promise<OpenFile>;
  status(path: string): Promise<FileStatus>;
  /** A second name for a file; refuses a name that exists. Durable, as with each of these, after `syncDirectory`. */
  link(path: string, newPath: string): Promise<void>;
  rename(path: string, newPath: string): Promise<void>;
  unlink(path: string): Promise<void>;
  names(directory: string): Promise<readonly string[]>;
  syncDirectory(directory: string): Promise<void>;
  /** Synchronous, because a write that fails for want of space says at once how much there is. */
  space(directory: string): Space;
}

/** An open file. What reads, writes and locks does so at once; what waits for storage answers a promise. */
export interface OpenFile {
  /** Whether `runAt` calls a hole only what reads as zeroes, whatever was written and is not yet synced. */
  readonly exactHoles?: boolean;
  /** Whether it lies in memory, so that no read ever waits. */
  readonly inMemory?: boolean;
  /** Number of bytes read, which may be fewer than asked for; 0 at the end. */
  read(into: Uint8Array, at: number): number;
  /** As `read`, of what is in memory only: fewer bytes, or 0, where that ends. 0, too, where it can't be told. */
  readCached(into: Uint8Array, at: number): number;
  /** As `read`, in the thread pool. */
  readLater(into: Uint8Array, at: number): Promise<number>;
  /** Number of bytes written, which may be fewer than asked for. */
  write(from: Uint8Array, at: number): number;
  /** As `Native` has them, for this file. */
  punchHole(at: number, length: number): boolean;
  willNeed(at: number, length: number): void;
  runAt(at: number): Run | undefined;
  lock(range: LockRange): boolean | undefined;
  lockable(range: LockRange): boolean | undefined;
  status(): Promise<FileStatus>;
  truncate(sizeBytes: number): Promise<void>;
  /** Content, and what of the rest is needed to find it. */
  datasync(): Promise<void>;
  /** Everything but the directory entry. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

export interface FileStatus {
  readonly regular: boolean;
  readonly sizeBytes: number;
  readonly allocatedBytes: number;
  /** Number of its directory entries. */
  readonly links: number;
}

interface Space {
  readonly availableBytes: number;
  readonly totalBytes: number;
}
