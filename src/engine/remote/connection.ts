import { CodedError } from "../../contract/index.ts";
import { failureOf, unanswered } from "./failure.ts";

export interface ConnectionOptions {
  /** Where the server listens, such as `http://127.0.0.1:7040`. */
  readonly url: string;
  /** The bearer token of calls that give none. */
  readonly token?: string | null;
  /** By default the platform's. */
  readonly fetch?: typeof globalThis.fetch;
}

interface Call {
  readonly method?: "GET" | "POST";
  readonly token?: string | null | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal | undefined;
}

export interface Connection {
  /** The server's answer, whatever its status. `server-unreachable`, `peer-lost`, `cancelled`. */
  request(path: string, call?: Call): Promise<Response>;
  /** The JSON of a good answer; a problem is thrown as the failure that it tells of. */
  json(path: string, call?: Call): Promise<{ readonly response: Response; readonly value: unknown }>;
  /** The failure that an answer tells of. */
  failure(response: Response): Promise<CodedError>;
}

export const createConnection = (options: ConnectionOptions): Connection => {
  const { url, fetch = globalThis.fetch } = options;
  const base = url.replace(/\/+$/, "");

  const request = async (path: string, call: Call = {}) => {
    const { method = "GET", body, signal } = call;
    const token = call.token === undefined ? options.token : call.token;
    const headers = {
      ...call.headers,
      ...(body !== undefined && { "Content-Type": "application/json" }),
      ...(typeof token === "string" && { Authorization: `Bearer ${token}` }),
    };
    try {
      const init = { method, headers, ...(body !== undefined && { body }), ...(signal && { signal }) };
      return await fetch(`${base}${path}`, init);
    } catch (error) {
      if (signal?.aborted) throw new CodedError("cancelled", { what: `${method} ${path}` }, { cause: error });
      throw unanswered(base, `${method} ${path}`, error);
    }
  };
  const read = async (response: Response): Promise<unknown> => {
    try {
      return await response.json();
    } catch {
      throw new CodedError("answer-unreadable", { url: base, status: response.status });
    }
  };
  const failure = async (response: Response) =>
    failureOf(await read(response).catch(() => undefined), base, response.status);

  return {
    request,
    failure,
    async json(path, call) {
      const response = await request(path, call);
      if (!response.ok) throw await failure(response);
      return { response, value: await read(response) };
    },
  };
};
