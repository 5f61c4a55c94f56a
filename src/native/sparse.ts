import type { Libc } from "./libc.ts";
import { systemError } from "./system-error.ts";

/** What a file holds from some offset up to `end`: bytes that were written, or a hole, which reads as zeroes. */
export interface Run {
  readonly data: boolean;
  /** `Infinity` where the hole goes on to the end of the file. */
  readonly end: number;
}

const SEEK_DATA = 3;
const SEEK_HOLE = 4;
const ENXIO = 6;
const EINTR = 4;
const FALLOC_FL_KEEP_SIZE = 1;
const FALLOC_FL_PUNCH_HOLE = 2;

/**
 * File systems, by the magic numbers that `statfs` gives, that have never been known to call a hole what was written:
 * ext2 to ext4, XFS, tmpfs. Not ZFS and btrfs, which have, nor NFS and FUSE, which ask others.
 */
const EXACT_HOLES: ReadonlySet<number> = new Set([0xef53, 0x58465342, 0x01021994]);

/** Whether what such a file system calls a hole does read as zeroes, whatever was written a moment ago. */
export const holesAreExact = (fileSystemType: number): boolean => EXACT_HOLES.has(fileSystemType);

const ENOSYS = 38;
const ENODEV = 19;
const ESPIPE = 29;
const EINVAL = 22;
const EOPNOTSUPP = 95;
const unsupported = new Set([ENOSYS, ENODEV, ESPIPE, EINVAL, EOPNOTSUPP]);

const refused = (libc: Libc, syscall: string): undefined => {
  const errno = libc.errno();
  if (unsupported.has(errno)) return undefined;
  throw systemError(syscall, errno);
};

export const runAt = (libc: Libc, fd: number, offset: number): Run | undefined => {
  const data = libc.lseek(fd, offset, SEEK_DATA);
  if (data < 0) {
    return libc.errno() === ENXIO ? { data: false, end: Number.POSITIVE_INFINITY } : refused(libc, "lseek");
  }
  if (data > offset) return { data: false, end: data };
  const end = libc.lseek(fd, offset, SEEK_HOLE);
  // Data a moment ago: space that was reserved and never written counts as data while a page of it is in memory.
  if (end === offset) return runAt(libc, fd, offset);
  return end < 0 ? refused(libc, "lseek") : { data: true, end };
};

export const punchHole = (libc: Libc, fd: number, offset: number, length: number): boolean => {
  while (libc.fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, length) < 0) {
    if (libc.errno() !== EINTR) return refused(libc, "fallocate") !== undefined;
  }
  return true;
};
