import { CodedError, reasonOf } from "../contract/index.ts";
import { duplicate, farEndAlive } from "./descriptors.ts";
import type { Libc } from "./libc.ts";
import { type LockRange, lock, lockable } from "./locks.ts";
import { readAt, readCached, writeAt } from "./positioned.ts";
import { send, sizeSendBuffer } from "./sockets.ts";
import { punchHole, type Run, runAt } from "./sparse.ts";

const POSIX_FADV_RANDOM = 1;
const POSIX_FADV_WILLNEED = 3;

/**
 * System calls that Node lacks, each short and synchronous. Where they can't be made, a call says so in the way
 * described with it. What the system refuses is thrown as `node:fs` throws it, with `code` and `syscall`.
 */
export interface Native {
  /** Whether any of them can be made. The first question, or call, loads the library. */
  readonly available: boolean;
  /** A second descriptor of the same open file, not inherited by other processes. `native-unavailable`. */
  dup(fd: number): number;
  /**
   * Whether the far end of a connected socket is still there and still sending, as the kernel knows it now;
   * `undefined`: it can't be told.
   */
  peerAlive(fd: number): boolean | undefined;
  /**
   * Gives bytes to a socket without waiting and answers how many it took. 0: none now, or it can't be done, or it
   * failed; sending them the usual way tells which.
   */
  send(fd: number, bytes: Uint8Array): number;
  /** Asks for a send buffer of a socket that holds so many bytes; the system may give less. `false`: it was refused. */
  sizeSendBuffer(fd: number, bytes: number): boolean;
  /** As `readSync` at a position, for some hundred nanoseconds less; `undefined`: can't be done. */
  read(fd: number, into: Uint8Array, at: number): number | undefined;
  /** As `writeSync` at a position; `undefined`: can't be done, nothing was written. */
  write(fd: number, from: Uint8Array, at: number): number | undefined;
  /**
   * Reads what needs no waiting for storage: the number of bytes, fewer than asked for where what follows isn't in
   * memory or the file ends; `undefined`: the file's system can't tell.
   */
  readCached(fd: number, into: Uint8Array, at: number): number | undefined;
  /** The run of data or of hole at `offset`, which moves the descriptor's own position; `undefined`: can't be told. */
  runAt(fd: number, offset: number): Run | undefined;
  /** Has the range read into memory in the background, as far as the system sees fit; nothing where it can't. */
  willNeed(fd: number, offset: number, length: number): void;
  /** Reads of this open file bring in what they ask for and nothing beyond it; nothing where it can't be had. */
  readNoFurther(fd: number): void;
  /** Gives the space of the range back, which then reads as zeroes; `false`: can't be done, nothing has changed. */
  punchHole(fd: number, offset: number, length: number): boolean;
  /**
   * Locks bytes for the open file until its last descriptor is closed; never waits. `false`: somebody holds a lock
   * that excludes it; `undefined`: there are no such locks here.
   */
  lock(fd: number, range: LockRange): boolean | undefined;
  /** Whether `lock` would get it now, locks of the same open file aside; `undefined` as with `lock`. */
  lockable(fd: number, range: LockRange): boolean | undefined;
}

/** `load` is called once, at the first call; where it throws, every call has its fallback. */
export const createNative = (load: () => Libc): Native => {
  let found: { readonly libc?: Libc; readonly reason: string } | undefined;
  const look = () => {
    try {
      return { libc: load(), reason: "" };
    } catch (error) {
      return { reason: reasonOf(error) };
    }
  };
  const libc = (): Libc | undefined => {
    found ??= look();
    return found.libc;
  };
  const ask = <T>(call: (libc: Libc) => T): T | undefined => {
    const there = libc();
    return there === undefined ? undefined : call(there);
  };
  return {
    get available() {
      return libc() !== undefined;
    },
    dup(fd) {
      const copy = ask((c) => duplicate(c, fd));
      if (copy === undefined)
        throw new CodedError("native-unavailable", { operation: "dup", reason: found?.reason ?? "" });
      return copy;
    },
    send(fd, bytes) {
      const there = libc();
      return there === undefined ? 0 : send(there, fd, bytes);
    },
    sizeSendBuffer: (fd, bytes) => ask((c) => sizeSendBuffer(c, fd, bytes)) ?? false,
    // Without a closure: these are asked for every request.
    read(fd, into, at) {
      const there = libc();
      return there === undefined ? undefined : readAt(there, fd, into, at);
    },
    write(fd, from, at) {
      const there = libc();
      return there === undefined ? undefined : writeAt(there, fd, from, at);
    },
    readCached(fd, into, at) {
      const there = libc();
      return there === undefined ? undefined : readCached(there, fd, into, at);
    },
    peerAlive: (fd) => ask((c) => farEndAlive(c, fd)),
    runAt: (fd, offset) => ask((c) => runAt(c, fd, offset)),
    willNeed(fd, offset, length) {
      libc()?.posixFadvise(fd, offset, length, POSIX_FADV_WILLNEED);
    },
    readNoFurther(fd) {
      libc()?.posixFadvise(fd, 0, 0, POSIX_FADV_RANDOM);
    },
    punchHole: (fd, offset, length) => ask((c) => punchHole(c, fd, offset, length)) ?? false,
    lock: (fd, range) => ask((c) => lock(c, fd, range)),
    lockable: (fd, range) => ask((c) => lockable(c, fd, range)),
  };
};
