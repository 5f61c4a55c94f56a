import { CodedError, reasonOf } from "pagurus";

/** An address that can't be listened on; `cause` is what was thrown, or says why in words. */
export const listenFailed = (exportId: string, address: string, cause: unknown): CodedError =>
  new CodedError(
    "export-listen-failed",
    { export: exportId, address, reason: reasonOf(cause) },
    typeof cause === "string" ? {} : { cause },
  );
