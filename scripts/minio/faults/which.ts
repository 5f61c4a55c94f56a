import type { IncomingMessage } from "node:http";

/** A request as it is told apart from others. */
export interface RequestLine {
  readonly method: string;
  readonly bucket: string;
  /** Decoded; empty where the request is about the bucket. */
  readonly key: string;
  /** Such as `list-type=2&prefix=logs%2F`, or `delete` for the deletion of many. */
  readonly query: string;
}

/** Which requests a fault is for: all that fit what is given. */
export interface Which {
  readonly method?: string;
  readonly key?: RegExp;
  readonly query?: RegExp;
}

export const lineOf = ({ method = "GET", url = "/" }: IncomingMessage): RequestLine => {
  const [path = "/", query = ""] = url.split("?", 2);
  const [, bucket = "", ...key] = path.split("/").map(decodeURIComponent);
  return { method, bucket, key: key.join("/"), query };
};

export const fits = (
  { method = "", key, query }: Which,
  line: Pick<RequestLine, "method" | "key" | "query">,
): boolean =>
  (method === "" || method === line.method) &&
  (key === undefined || key.test(line.key)) &&
  (query === undefined || query.test(line.query));
