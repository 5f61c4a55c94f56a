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
  return {
    fcntlNumber: (fd, command, argument) => fcntl(fd, command, "int", argument),
    fcntlBytes: (fd, command, argument) => fcntl(fd, command, "void *", argument),
    poll: libc.func("poll", "int", ["void *", "ulong", "int"]),
    lseek: (fd, offset, whence) => Number(lseek(fd, offset, whence)),
    fallocate: libc.func("fallocate", "int", ["int", "int", "int64", "int64"]),
    errno: () => ffi.errno(),
  };
};
