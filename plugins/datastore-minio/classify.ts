import { CodedError, reasonOf } from "pagurus";
import { type Exchange, Silence } from "./exchange.ts";

/** Whose request it was, for the sentence that tells of it. */
export interface Asked {
  readonly datastore: string;
  readonly endpoint: string;
  readonly bucket: string;
  readonly region: string;
  /** The object's whole key, or what else was asked for. */
  readonly object: string;
  /** In a sentence: "refuses writing of …". */
  readonly operation: "writing" | "reading" | "listing" | "deletion" | "copying";
  /** That are to be stored. */
  readonly neededBytes: number;
  readonly nowMs: number;
}

/** What a failed attempt means. `denied` is decided by the credentials: there may be others by now. */
export type Verdict =
  | { readonly kind: "again"; readonly reason: string; readonly delayMs?: number }
  | { readonly kind: "denied" | "refused"; readonly error: Error }
  /** Nothing is there under that key, something is already, or it ends before that range. */
  | { readonly kind: "absent" | "taken" | "beyond" };

/** One object of several, in an answer that speaks of all of them. */
export class ObjectRefused extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** S3's own codes where the status says too little. */
const PASSING = new Set([
  "BadDigest",
  "ConditionalRequestConflict",
  "IncompleteBody",
  "InternalError",
  "OperationAborted",
  "RequestTimeout",
  "ServiceUnavailable",
  "SlowDown",
  "XAmzContentChecksumMismatch",
  "XAmzContentSHA256Mismatch",
]);
const FULL = new Set(["QuotaExceeded", "XMinioAdminBucketQuotaExceeded", "XMinioStorageFull"]);
const ABSENT = new Set(["NoSuchKey", "NoSuchLifecycleConfiguration", "ObjectLockConfigurationNotFoundError"]);
const DENIED = new Set(["AccessDenied", "ExpiredToken", "InvalidToken", "InvalidTokenId"]);
const REGION = new Set(["AuthorizationHeaderMalformed", "PermanentRedirect", "MovedPermanently"]);
const TLS =
  /^(ERR_SSL_|ERR_TLS_|CERT_|EPROTO$|DEPTH_ZERO_SELF_SIGNED_CERT$|SELF_SIGNED_CERT_IN_CHAIN$|UNABLE_TO_|HOSTNAME_MISMATCH$)/;
/** Node's codes; those of S3 have small letters. */
const NETWORK = /^(E|ERR_|ABORT_)[A-Z_]+$/;
const NOT_HTTP = /^HPE_/;
const HTTP_PASSING = new Set([408, 429, 499]);
const NOT_IMPLEMENTED = 501;
const INSUFFICIENT_STORAGE = 507;

/** What the client threw, and what it kept for itself, decide together. */
export function verdictOf(error: unknown, exchange: Exchange, asked: Asked): Verdict {
  const { status } = exchange;
  const code = codeOf(error);
  if (status === undefined || error instanceof Silence || NETWORK.test(code))
    return withoutAnswer(error, code, asked);
  if (status < 300 && !(error instanceof ObjectRefused || refusesLate(error)))
    return spoiltAnswer(error, code, asked);
  if (code === "PreconditionFailed" || status === 412) return { kind: "taken" };
  if (ABSENT.has(code)) return { kind: "absent" };
  if (code === "InvalidRange") return { kind: "beyond" };
  if (FULL.has(code) || status === INSUFFICIENT_STORAGE) return refused(full(asked, error));
  if (PASSING.has(code) || HTTP_PASSING.has(status) || (status >= 500 && status !== NOT_IMPLEMENTED))
    return passing(error, exchange);
  return refusal(error, exchange, asked);
}

const refused = (error: Error): Verdict => ({ kind: "refused", error });

const textOf = (error: unknown, name: string): string => {
  const value: unknown = typeof error === "object" && error !== null ? Reflect.get(error, name) : undefined;
  return typeof value === "string" ? value : "";
};

/** S3 begins to answer before it has copied, and may then say that it couldn't: what the client throws is no error. */
const refusesLate = (error: unknown): boolean => textOf(error, "Code") !== "";

const codeOf = (error: unknown): string => textOf(error, "code") || textOf(error, "Code");

/** The S3 code and what the server says about it. */
const said = (error: unknown, status?: number): string => {
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : textOf(error, "Message");
  if (!message) return code || `status ${status}`;
  return code && !message.includes(code) ? `${code}: ${message}` : message;
};

/** What has neither a code nor is silence comes from a mistake of ours, which no patience mends. */
function withoutAnswer(error: unknown, code: string, asked: Asked): Verdict {
  const { endpoint, bucket } = asked;
  if (TLS.test(code))
    return refused(
      new CodedError("bucket-tls-refused", { endpoint, bucket, reason: said(error) }, { cause: error }),
    );
  if (NOT_HTTP.test(code) || textOf(error, "name") === "InvalidEndpointError")
    return refused(elsewhere(asked, error, said(error)));
  if (code || error instanceof Silence) return { kind: "again", reason: said(error) };
  return { kind: "refused", error: error instanceof Error ? error : new Error(said(error)) };
}

/** An answer that began well and was cut off, or is no S3 server's. */
function spoiltAnswer(error: unknown, code: string, asked: Asked): Verdict {
  if (textOf(error, "name") !== "InvalidXMLError") return withoutAnswer(error, code, asked);
  return refused(elsewhere(asked, error, reasonOf(error)));
}

function passing(error: unknown, exchange: Exchange): Verdict {
  const seconds = Number(exchange.header("retry-after"));
  return {
    kind: "again",
    reason: exchange.said ?? said(error, exchange.status),
    ...(seconds > 0 ? { delayMs: seconds * 1000 } : {}),
  };
}

const full = ({ datastore, bucket, object, neededBytes }: Asked, cause: unknown): CodedError =>
  new CodedError(
    "no-space",
    { datastore, availableBytes: 0, neededBytes, bucket, object, reason: said(cause) },
    { cause },
  );

const elsewhere = ({ endpoint, bucket }: Asked, cause: unknown, reason: string): CodedError =>
  new CodedError("bucket-endpoint-wrong", { endpoint, bucket, reason, answer: reasonOf(cause) }, { cause });

/** A 4xx that stays. */
function refusal(cause: unknown, exchange: Exchange, asked: Asked): Verdict {
  const { endpoint, bucket, region, object, operation, nowMs } = asked;
  const code = codeOf(cause);
  const reason = said(cause, exchange.status);
  if (code === "NoSuchBucket")
    return refused(new CodedError("bucket-not-found", { endpoint, bucket, reason }, { cause }));
  if (code === "RequestTimeTooSkewed") {
    const skewSeconds = skewOf(exchange.header("date"), nowMs);
    const data = { endpoint, bucket, skewSeconds, reason };
    return refused(new CodedError("bucket-clock-skewed", data, { cause }));
  }
  if (REGION.has(code))
    return refused(new CodedError("bucket-region-wrong", { endpoint, bucket, region, reason }, { cause }));
  if (code === "")
    return refused(elsewhere(asked, cause, `it answers with status ${exchange.status} and no S3 error`));
  const data = { endpoint, bucket, object, operation, reason };
  if (exchange.status === 401 || exchange.status === 403 || DENIED.has(code))
    return { kind: "denied", error: new CodedError("bucket-access-denied", data, { cause }) };
  return refused(new CodedError("bucket-refused", data, { cause }));
}

const skewOf = (serverDate: string | undefined, nowMs: number): number | string => {
  const serverMs = Date.parse(serverDate ?? "");
  return Number.isNaN(serverMs) ? "too many" : Math.round(Math.abs(serverMs - nowMs) / 1000);
};
