import { CodedError, reasonOf } from "../contract/index.ts";

/** One request to an image. */
export interface ImageRequest {
  readonly operation: "read" | "write" | "zero" | "flush";
  readonly offset: number;
  readonly length: number;
}

const FULL = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

/** `image-no-space` where the system or an NBD server says so, else `image-io-failed`. */
export function imageFailure(
  path: string,
  { operation, offset, length }: ImageRequest,
  cause: unknown,
): CodedError {
  const errno = CodedError.is(cause, "nbd-error") ? cause.data["errno"] : errnoOf(cause);
  if (typeof errno === "string" && FULL.has(errno))
    return new CodedError("image-no-space", { path, neededBytes: length, availableBytes: 0 }, { cause });
  const reason = reasonOf(cause);
  return new CodedError("image-io-failed", { path, operation, offset, length, reason }, { cause });
}

/** As `node:fs` gives it. */
export const errnoOf = (error: unknown): unknown =>
  typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
