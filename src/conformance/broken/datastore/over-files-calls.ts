import { fdatasync, ftruncateSync, readSync, writeSync } from "node:fs";
import { open, rename } from "node:fs/promises";
import { promisify } from "node:util";
import { type LockRange, native } from "pagurus/native";

/** What something must be durable for. */
export type For = "flush" | "creation" | "stamp" | "length" | "removal";

/** What the store does to files: a broken one does some of it otherwise. */
export interface FileCalls {
  /** All of it. */
  read(fd: number, into: Uint8Array, at: number): void;
  write(fd: number, from: Uint8Array, at: number): void;
  truncate(fd: number, sizeBytes: number): void;
  /** The content of a file. */
  datasync(fd: number, durableFor: For): Promise<void>;
  /** The names in a folder. */
  syncNames(folder: string, durableFor: For): Promise<void>;
  /** Puts a file in the place of another; durable once its name is. */
  replace(path: string, content: string): Promise<void>;
  /** Keeps others out until the file is closed; whether that could be had. */
  lock(fd: number, range: LockRange): boolean;
}

const datasync = promisify(fdatasync);

/** Names of unfinished files end so. */
export const UNFINISHED = ".tmp";

export const writeWhole = async (path: string, content: string): Promise<void> => {
  await using file = await open(path, "w", 0o600);
  await file.writeFile(content);
  await file.sync();
};

export const soundCalls: FileCalls = {
  read(fd, into, at) {
    for (let done = 0; done < into.length; ) {
      const count = readSync(fd, into, done, into.length - done, at + done);
      if (count === 0) throw new Error("the file ends too early");
      done += count;
    }
  },
  write(fd, from, at) {
    for (let done = 0; done < from.length; ) done += writeSync(fd, from, done, from.length - done, at + done);
  },
  truncate: ftruncateSync,
  datasync: (fd) => datasync(fd),
  async syncNames(folder) {
    await using handle = await open(folder);
    await handle.sync();
  },
  async replace(path, content) {
    await writeWhole(path + UNFINISHED, content);
    await rename(path + UNFINISHED, path);
  },
  lock: (fd, range) => native.lock(fd, range) === true,
};
