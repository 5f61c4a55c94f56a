import type { Libc } from "./libc.ts";
import { systemError } from "./system-error.ts";

/** Duplicates without leaking the copy into processes that are started later. */
const F_DUPFD_CLOEXEC = 1030;

export const duplicate = (libc: Libc, fd: number): number => {
  const copy = libc.fcntlNumber(fd, F_DUPFD_CLOEXEC, 0);
  if (copy < 0) throw systemError("dup", libc.errno());
  return copy;
};

const POLLERR = 0x8;
const POLLHUP = 0x10;
const POLLNVAL = 0x20;
const POLLRDHUP = 0x2000;
const gone = POLLERR | POLLHUP | POLLNVAL | POLLRDHUP;

/** Asks `poll` without waiting. Bytes that were sent before the far end went away don't hide its going. */
export const farEndAlive = (libc: Libc, fd: number): boolean | undefined => {
  const pollfd = new Uint8Array(8);
  new Int32Array(pollfd.buffer, 0, 1)[0] = fd;
  const events = new Int16Array(pollfd.buffer, 4, 2);
  events[0] = POLLRDHUP;
  if (libc.poll(pollfd, 1, 0) < 0) return undefined;
  return ((events[1] ?? 0) & gone) === 0;
};
