import { statSync, writevSync } from "node:fs";
import { type FileHandle, link, mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { JournalDirectory, JournalFile } from "./directory.ts";

/** What guests write: only the server's own user may read it. */
const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;
/** So much goes to the page cache sooner than the thread pool can be asked for it. */
const AT_ONCE_BYTES = 256 * 1024;

/** A directory of the real file system, which must exist. */
export const nodeDirectory = (path: string): Promise<JournalDirectory> => opened(path, path);

/** Opened by one path, and found by the other. */
const opened = async (path: string, place: string): Promise<JournalDirectory> => {
  const handle = await open(path, "r");
  const { dev, ino } = await handle.stat({ bigint: true });
  // Names are looked up in the directory that is open, not in what has taken its path's place since: a file made below
  // a mount point whose disk has gone would be found by nobody.
  const root = process.platform === "linux" ? `/proc/self/fd/${handle.fd}` : path;
  const at = (name: string) => join(root, name);
  return {
    names: () => readdir(root),
    async directory(name) {
      await mkdir(at(name), { mode: DIRECTORY_MODE }).catch(unless("EEXIST"));
      return opened(at(name), join(place, name));
    },
    create: async (name) => nodeFile(await open(at(name), "wx+", FILE_MODE)),
    async open(name) {
      const found = await open(at(name), "r+").catch(unless("ENOENT"));
      return found && nodeFile(found);
    },
    link: (name, newName) => link(at(name), at(newName)).catch(unless("EEXIST")),
    rename: (name, newName) => rename(at(name), at(newName)),
    remove: (name) => rm(at(name), { recursive: true, force: true }),
    sync: () => handle.sync(),
    // At once: it takes some microseconds, where the thread pool may have a sync of each disk before it.
    isAtItsPath() {
      const found = statSync(place, { bigint: true, throwIfNoEntry: false });
      return found?.dev === dev && found.ino === ino;
    },
    close: () => handle.close(),
  };
};

const nodeFile = (handle: FileHandle): JournalFile => ({
  sizeBytes: async () => (await handle.stat()).size,
  async read(into, at) {
    for (let done = 0; ; ) {
      const { bytesRead } = await handle.read(into, done, into.length - done, at + done);
      done += bytesRead;
      if (bytesRead === 0 || done === into.length) return done;
    }
  },
  async write(parts, at) {
    let rest = parts;
    const atOnce = parts.reduce((sum, { length }) => sum + length, 0) <= AT_ONCE_BYTES;
    for (let position = at; rest.length > 0; ) {
      const bytesWritten = atOnce
        ? writevSync(handle.fd, rest, position)
        : (await handle.writev([...rest], position)).bytesWritten;
      position += bytesWritten;
      rest = afterFirst(rest, bytesWritten);
    }
  },
  datasync: () => handle.datasync(),
  close: () => handle.close(),
});

/** What is left of the parts when so many bytes of them are written. */
const afterFirst = (parts: readonly Uint8Array[], written: number): readonly Uint8Array[] => {
  let left = written;
  for (const [index, part] of parts.entries()) {
    if (left < part.length) return [part.subarray(left), ...parts.slice(index + 1)];
    left -= part.length;
  }
  return [];
};

const unless =
  (code: string) =>
  (error: unknown): undefined => {
    if (!(error instanceof Error && "code" in error && error.code === code)) throw error;
  };
