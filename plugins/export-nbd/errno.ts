import { CodedError, codes, type ErrorKind } from "pagurus";
import { Errno } from "./protocol.ts";

/** What a client is told by the code of a failure; what isn't here is told by its kind. */
const byCode: Readonly<Record<string, number>> = {
  "no-space": Errno.ENOSPC,
  "zero-not-fast": Errno.ENOTSUP,
};

const byKind: Readonly<Record<ErrorKind, number>> = {
  "bad-input": Errno.EINVAL,
  // The disk lost something below it: for the guest that is a failing disk.
  "not-found": Errno.EIO,
  conflict: Errno.EPERM,
  unavailable: Errno.EIO,
  cancelled: Errno.ESHUTDOWN,
  internal: Errno.EIO,
};

const kinds: Readonly<Record<string, { readonly kind: ErrorKind }>> = codes;

/** The error number for whatever a disk threw. Memory that can't be had is a `RangeError` in JavaScript. */
export const errnoOf = (error: unknown): number => {
  if (CodedError.is(error)) return byCode[error.code] ?? byKind[kinds[error.code]?.kind ?? "internal"];
  return error instanceof RangeError ? Errno.ENOMEM : Errno.EIO;
};
