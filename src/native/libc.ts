import { createRequire } from "node:module";
import type koffi from "koffi";

/** The few functions of the C library that Node lacks. Each answers -1 on failure; `errno` then says why. */
export interface Libc {
  fcntlNumber(fd: number, command: number, argument: number): number;
  /** `argument` is read and written in place. */
  fcntlBytes(fd: number, command: number, argument: Uint8Array): number;
  poll(fds: Uint8Array, count: number, timeoutMs: number): number;
  lseek(fd: number, offset: number, whence: number): number;
  fallocate(fd: number, mode: number, offset: number, length: number): number;
  /** Answers the error number itself. */
  posixFadvise(fd: number, offset: number, length: number, advice: number): number;
  send(fd: number, bytes: Uint8Array, count: number, flags: number): number;
  setsockopt(fd: number, level: number, option: number, value: Uint8Array, count: number): number;
  pread(fd: number, into: Uint8Array, count: number, offset: number): number;
  pwrite(fd: number, from: Uint8Array, count: number, offset: number): number;
  /** Into one buffer. */
  preadv2(fd: number, into: Uint8Array, offset: number, flags: number): number;
  /** Of the last call in this thread; ask at once. */
  errno(): number;
}

/** Where the sizes and constants below this folder hold. */
const platforms = ["linux-x64", "linux-arm64"];

/** Loads koffi (4 MB, some 10 ms) and binds to the C library that Node itself runs on. Throws where it can't. */
export const loadLibc = (): Libc => {
  const platform = `${process.platform}-${process.arch}`;
  if (!platforms.includes(platform))
    throw new Error(`system calls are known for ${platforms.join(", ")} only`);
  const ffi: typeof koffi = createRequire(import.meta.url)("koffi");
  const libc = ffi.load(null);
  const fcntl = libc.func("fcntl", "int", ["int", "int", "..."]);
  const lseek = libc.func("lseek", "int64", ["int", "int64", "int"]);
  const preadv2 = libc.func("preadv2", "int64", ["int", "void *", "int", "int64", "int"]);
  /** `struct iovec`: a 64-bit address and a 64-bit length, each as its low and its high word. Used for each call. */
  const iovec = new Uint32Array(4);
  return {
    fcntlNumber: (fd, command, argument) => fcntl(fd, command, "int", argument),
    fcntlBytes: (fd, command, argument) => fcntl(fd, command, "void *", argument),
    poll: libc.func("poll", "int", ["void *", "ulong", "int"]),
    lseek: (fd, offset, whence) => Number(lseek(fd, offset, whence)),
    posixFadvise: libc.func("posix_fadvise", "int", ["int", "int64", "int64", "int"]),
    fallocate: libc.func("fallocate", "int", ["int", "int", "int64", "int64"]),
    send: libc.func("send", "int64", ["int", "void *", "size_t", "int"]),
    setsockopt: libc.func("setsockopt", "int", ["int", "int", "int", "void *", "uint"]),
    pread: libc.func("pread", "int64", ["int", "void *", "size_t", "int64"]),
    pwrite: libc.func("pwrite", "int64", ["int", "void *", "size_t", "int64"]),
    preadv2(fd, into, offset, flags) {
      const address = Number(ffi.address(into));
      iovec[0] = address >>> 0;
      iovec[1] = Math.floor(address / 2 ** 32);
      iovec[2] = into.length;
      return preadv2(fd, iovec, 1, offset, flags);
    },
    errno: () => ffi.errno(),
  };
};
