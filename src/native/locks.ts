import type { Libc } from "./libc.ts";
import { systemError } from "./system-error.ts";

/** Bytes of a file to lock; they need not exist. */
export interface LockRange {
  readonly kind: "shared" | "exclusive";
  readonly offset: number;
  readonly length: number;
}

/** Locks of the open file: they part two descriptors of one process too, and go when the last copy is closed. */
const F_OFD_GETLK = 36;
const F_OFD_SETLK = 37;

const F_RDLCK = 0;
const F_WRLCK = 1;
const F_UNLCK = 2;

const EACCES = 13;
const EAGAIN = 11;
const EINVAL = 22;
const ENOLCK = 37;
const ENOSYS = 38;
const EOPNOTSUPP = 95;
const unsupported = new Set([EINVAL, ENOLCK, ENOSYS, EOPNOTSUPP]);

/** `struct flock`: two shorts, padding, two 64-bit offsets, a process id that must be 0 here. */
const flock = ({ kind, offset, length }: LockRange): Uint8Array => {
  const bytes = new Uint8Array(32);
  new Int16Array(bytes.buffer)[0] = kind === "shared" ? F_RDLCK : F_WRLCK;
  new BigInt64Array(bytes.buffer, 8).set([BigInt(offset), BigInt(length)]);
  return bytes;
};

export const lock = (libc: Libc, fd: number, range: LockRange): boolean | undefined => {
  if (libc.fcntlBytes(fd, F_OFD_SETLK, flock(range)) >= 0) return true;
  const errno = libc.errno();
  if (errno === EAGAIN || errno === EACCES) return false;
  if (unsupported.has(errno)) return undefined;
  throw systemError("fcntl", errno);
};

export const lockable = (libc: Libc, fd: number, range: LockRange): boolean | undefined => {
  const wanted = flock(range);
  if (libc.fcntlBytes(fd, F_OFD_GETLK, wanted) >= 0) return new Int16Array(wanted.buffer)[0] === F_UNLCK;
  const errno = libc.errno();
  if (unsupported.has(errno)) return undefined;
  throw systemError("fcntl", errno);
};
