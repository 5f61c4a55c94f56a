/**
 * The file system as a journal uses it, and all of it: a test can stand between, lose what was not synced, or fail.
 * Errors are those of `node:fs`, with their `code`. Names lie in this directory, whatever becomes of its path.
 */
export interface JournalDirectory {
  names(): Promise<readonly string[]>;
  /** Made where it is missing; its name is durable after `sync`. */
  directory(name: string): Promise<JournalDirectory>;
  /** Refuses what exists; its name is durable after `sync`. */
  create(name: string): Promise<JournalFile>;
  /** `undefined` where there is none. */
  open(name: string): Promise<JournalFile | undefined>;
  /** A second name for a file, unless that name is taken already. */
  link(name: string, newName: string): Promise<void>;
  rename(name: string, newName: string): Promise<void>;
  /** A file, or a directory with all that is in it; nothing where there is neither. */
  remove(name: string): Promise<void>;
  /** Makes durable which names there are. */
  sync(): Promise<void>;
  /** Whether its path leads to it: where its mount was taken away it goes on working, and whoever starts later finds nothing. */
  isAtItsPath(): boolean;
  close(): Promise<void>;
}

export interface JournalFile {
  sizeBytes(): Promise<number>;
  /** Fills `into` as far as the file goes, and answers how far. */
  read(into: Uint8Array, at: number): Promise<number>;
  /** All of the parts, one after the other. They stay as they are until it resolves. */
  write(parts: readonly Uint8Array[], at: number): Promise<void>;
  /** Content, and what of the rest is needed to find it. */
  datasync(): Promise<void>;
  close(): Promise<void>;
}
