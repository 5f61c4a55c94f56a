import { read, readSync, type Stats, statfsSync, writeSync } from "node:fs";
import { type FileHandle, link, open, readdir, rename, stat, statfs, unlink } from "node:fs/promises";
import { holesAreExact, type Native } from "pagurus/native";
import type { FileStatus, Files, OpenFile } from "./files.ts";

const flags = { read: "r", write: "r+", create: "wx+" } as const;
/** Layers hold whole disks of other people: only the server's own user may read them. */
const MODE = 0o600;
/** The size of libuv's pool where nobody sets it. */
const LIBUV_THREADS = 4;
/**
 * What is written at one go. The page cache keeps large writes as large folios; on file systems with buffer heads, ext4
 * among them, each later write of 4 KiB then walks all blocks of its folio: 115k a second after writes of 1 MiB, 260k
 * after these, and a first write of 1 MiB took six times as long (Linux 6.18).
 */
const WRITE_BYTES = 64 * 1024;
/** The unit of `stat`'s blocks, whatever the file system's own is. */
const STAT_BLOCK_BYTES = 512;

/** A file system by its magic number. */
const TMPFS = 0x01021994;

/** The real file system. */
export const nodeFiles = (native: Native): Files => ({
  get native() {
    return native.available;
  },
  // As libuv reads it, once, when its pool is first used.
  poolThreads: Number(process.env["UV_THREADPOOL_SIZE"]) || LIBUV_THREADS,
  async open(path, how) {
    const handle = await open(path, flags[how], MODE);
    // Where it can't be asked, it is none of those that we know.
    const type = await statfs(path).then(
      (status) => status.type,
      () => 0,
    );
    return openFile(native, handle, type);
  },
  status: async (path) => statusOf(await stat(path)),
  link,
  rename,
  unlink,
  names: (directory) => readdir(directory),
  async syncDirectory(directory) {
    await using handle = await open(directory, "r");
    await handle.sync();
  },
  space(directory) {
    const { bavail, blocks, bsize } = statfsSync(directory);
    return { availableBytes: bavail * bsize, totalBytes: blocks * bsize };
  },
});

const openFile = (native: Native, handle: FileHandle, fileSystem: number): OpenFile => {
  const { fd } = handle;
  // The kernel's own read-ahead makes folios of up to 2 MiB, in which a write of 4 KiB took ten times as long.
  native.readNoFurther(fd);
  const inMemory = fileSystem === TMPFS;
  const mostBytes = inMemory ? Number.POSITIVE_INFINITY : WRITE_BYTES;
  return {
    exactHoles: holesAreExact(fileSystem),
    inMemory,
    read: (into, at) => native.read(fd, into, at) ?? readSync(fd, into, 0, into.length, at),
    readCached: (into, at) => native.readCached(fd, into, at) ?? 0,
    readLater: (into, at) => pooledRead(fd, into, at),
    write(all, at) {
      const from = all.length > mostBytes ? all.subarray(0, mostBytes) : all;
      return native.write(fd, from, at) ?? writeSync(fd, from, 0, from.length, at);
    },
    willNeed: (at, length) => native.willNeed(fd, at, length),
    punchHole: (at, length) => native.punchHole(fd, at, length),
    runAt: (at) => native.runAt(fd, at),
    lock: (range) => native.lock(fd, range),
    lockable: (range) => native.lockable(fd, range),
    status: async () => statusOf(await handle.stat()),
    truncate: (sizeBytes) => handle.truncate(sizeBytes),
    datasync: () => handle.datasync(),
    sync: () => handle.sync(),
    close: () => handle.close(),
  };
};

/** Through callbacks: a handle's own `read` takes three more promises. */
const pooledRead = (fd: number, into: Uint8Array, at: number): Promise<number> =>
  new Promise((resolve, reject) => {
    read(fd, into, 0, into.length, at, (error, count) => {
      if (error === null) resolve(count);
      else reject(error);
    });
  });

const statusOf = (stats: Stats): FileStatus => ({
  regular: stats.isFile(),
  sizeBytes: stats.size,
  allocatedBytes: stats.blocks * STAT_BLOCK_BYTES,
  links: stats.nlink,
});
