import type { Context } from "hono";
import type { ErrorKind, Json, JsonObject, Observation } from "../contract/index.ts";
import { type Codebook, verdictOf } from "../observations/codebook.ts";
import { observedOf } from "../observations/observed.ts";
import { redact } from "../observations/redact.ts";
import { sentenceOf } from "../observations/sentence.ts";
import { type Told, traceOf } from "../observations/trace.ts";

const statusByKind = {
  "bad-input": 422,
  "not-found": 404,
  conflict: 409,
  unavailable: 503,
  cancelled: 409,
  internal: 500,
} as const satisfies Record<ErrorKind, number>;

/** Codes that HTTP has a word of its own for. */
const statusByCode: Readonly<Record<string, number>> = {
  "token-missing": 401,
  "token-invalid": 401,
  "permission-denied": 403,
  "idempotency-conflict": 422,
  "idempotency-key-invalid": 400,
  "body-malformed": 400,
  "body-too-large": 413,
  "media-type-unsupported": 415,
  "method-not-allowed": 405,
  "host-refused": 421,
  "origin-refused": 403,
};

const RETRY_AFTER_S = "1";

/** RFC 9457, and what a program needs besides to act, or to rebuild the failure. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly code: string;
  readonly kind: ErrorKind;
  readonly retryable: boolean;
  readonly chain: Observation;
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
}

/** The failure as programs read it; secrets are redacted. `requestId` names this occurrence. */
export const problemOf = (failure: unknown, requestId: string, codebook: Codebook): Problem => {
  const chain = redact(observedOf(failure), codebook.secrets);
  const { code, data } = verdictOf(chain, codebook);
  const known = codebook.codes.get(code);
  const told = known === undefined ? traceOf(failure).told : undefined;
  const { kind = "internal", retryable = false }: Partial<Told> = known ?? told ?? {};
  return {
    type: `urn:pagurus:problem:${code}`,
    title: code.charAt(0).toUpperCase() + code.slice(1).replaceAll("-", " "),
    status: told?.status ?? statusByCode[code] ?? statusByKind[kind],
    detail: told?.detail ?? sentenceOf(chain, codebook),
    instance: `urn:pagurus:request:${requestId}`,
    code,
    kind,
    retryable,
    chain,
    ...(code === "input-invalid" && { errors: errorsOf(data) }),
  };
};

/** The answer for a failure, whatever was thrown. */
export const problemResponse = (c: Context, failure: unknown, codebook: Codebook): Response => {
  const problem = problemOf(failure, c.get("requestId") ?? "unknown", codebook);
  const headers: Record<string, string> = { "Content-Type": "application/problem+json" };
  if (problem.code === "token-missing") headers["WWW-Authenticate"] = 'Bearer realm="pagurus"';
  if (problem.code === "token-invalid")
    headers["WWW-Authenticate"] = 'Bearer realm="pagurus", error="invalid_token"';
  if (problem.status === 503 && problem.retryable) headers["Retry-After"] = RETRY_AFTER_S;
  return new Response(JSON.stringify(problem), { status: problem.status, headers });
};

const errorsOf = ({ details }: JsonObject): Problem["errors"] & object =>
  (Array.isArray(details) ? details : []).map((entry: Json) => {
    const { pointer, problem } = { pointer: "", problem: "", ...(typeof entry === "object" ? entry : {}) };
    return { pointer: String(pointer), detail: String(problem) };
  });
