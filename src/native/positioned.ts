import type { Libc } from "./libc.ts";
import { systemError } from "./system-error.ts";

const EINTR = 4;
const EAGAIN = 11;
const EINVAL = 22;
const ENOSYS = 38;
const EOPNOTSUPP = 95;
const unsupported = new Set([EINVAL, ENOSYS, EOPNOTSUPP]);
/** Fails rather than waits for storage. */
const RWF_NOWAIT = 8;

export const readAt = (libc: Libc, fd: number, into: Uint8Array, at: number): number => {
  for (;;) {
    const count = libc.pread(fd, into, into.length, at);
    if (count >= 0) return count;
    refuse(libc, "read");
  }
};

export const writeAt = (libc: Libc, fd: number, from: Uint8Array, at: number): number => {
  for (;;) {
    const count = libc.pwrite(fd, from, from.length, at);
    if (count >= 0) return count;
    refuse(libc, "write");
  }
};

export const readCached = (libc: Libc, fd: number, into: Uint8Array, at: number): number | undefined => {
  const count = libc.preadv2(fd, into, at, RWF_NOWAIT);
  if (count >= 0) return count;
  const errno = libc.errno();
  if (errno === EAGAIN || errno === EINTR) return 0;
  if (unsupported.has(errno)) return undefined;
  throw systemError("read", errno);
};

/** A call that a signal interrupted is made again. */
const refuse = (libc: Libc, syscall: string): void => {
  const errno = libc.errno();
  if (errno !== EINTR) throw systemError(syscall, errno);
};
