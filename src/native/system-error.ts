import { getSystemErrorName } from "node:util";

/** What a failed system call throws: shaped like the errors of `node:fs`, so that callers treat both alike. */
export const systemError = (syscall: string, errno: number): NodeJS.ErrnoException => {
  const code = getSystemErrorName(-errno);
  return Object.assign(new Error(`${code}: ${syscall}`), { code, errno: -errno, syscall });
};
