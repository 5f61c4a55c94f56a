import type { Answer } from "./exchange.ts";

/** What a server of S3 says, by what it answers with. */
const codes: Readonly<Record<number, string>> = {
  403: "AccessDenied",
  429: "TooManyRequests",
  500: "InternalError",
  503: "SlowDown",
  507: "XMinioStorageFull",
};

export interface Refusal {
  readonly status: number;
  /** Of S3, such as `ExpiredToken`; the usual one for the status unless given. */
  readonly code?: string;
}

export const refusalOf = ({ status, code = codes[status] ?? "InternalError" }: Refusal): Answer => {
  const body = Buffer.from(`<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code></Error>`);
  const headers = { "content-type": "application/xml", "content-length": `${body.length}` };
  return { status, headers, body };
};
