import { CodedError, type Engine, type FunctionDescription, type Health, z } from "../../contract/index.ts";
import { type ConnectionOptions, createConnection } from "./connection.ts";
import { remoteEvents } from "./events.ts";

const Schema = z.record(z.string(), z.unknown());
const Description: z.ZodType<FunctionDescription> = z.object({
  name: z.string(),
  summary: z.string(),
  description: z.string().exactOptional(),
  kind: z.enum(["call", "job"]),
  effect: z.enum(["read", "write"]),
  permissions: z.array(z.string()).exactOptional(),
  creates: z.boolean(),
  plugin: z.string(),
  http: z
    .object({ method: z.enum(["GET", "POST", "PUT", "PATCH", "DELETE"]), path: z.string() })
    .exactOptional(),
  cli: z
    .object({
      positionals: z.array(z.string()).exactOptional(),
      flags: z.record(z.string(), z.string()).exactOptional(),
      examples: z.array(z.string()).exactOptional(),
      wait: z.boolean().exactOptional(),
    })
    .exactOptional(),
  input: Schema,
  output: Schema,
});
const Descriptions = z.object({ items: z.array(Description) });
const HealthAnswer: z.ZodType<Health> = z.object({
  ready: z.boolean(),
  version: z.string(),
  details: z.record(z.string(), z.json()),
});

/** The engine of a server elsewhere. Its failures are those of the server, with their chains. */
export const connectEngine = (options: ConnectionOptions): Engine => {
  const connection = createConnection(options);
  const closing = new AbortController();
  const until = (signal: AbortSignal | undefined) =>
    signal ? AbortSignal.any([signal, closing.signal]) : closing.signal;
  const parsed = <T>(schema: z.ZodType<T>, value: unknown, status: number): T => {
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    throw new CodedError("answer-unreadable", { url: options.url, status }, { cause: result.error });
  };

  return {
    async functions({ token } = {}) {
      const { response, value } = await connection.json("/v1/functions", { token, signal: closing.signal });
      return parsed(Descriptions, value, response.status).items;
    },
    async invoke(name, input, { token, idempotencyKey, signal } = {}) {
      const { response, value } = await connection.json(`/v1/functions/${encodeURIComponent(name)}`, {
        method: "POST",
        body: JSON.stringify(input ?? {}),
        token,
        signal: until(signal),
        ...(idempotencyKey !== undefined && { headers: { "Idempotency-Key": idempotencyKey } }),
      });
      const location = response.headers.get("location");
      return {
        kind: response.status === 202 ? "job" : "call",
        output: value,
        ...(location !== null && { location }),
        replayed: response.headers.get("idempotency-replayed") === "true",
      };
    },
    events: (filter, { signal, ...from } = {}) =>
      remoteEvents(connection, filter, { ...from, signal: until(signal) }),
    async health() {
      const response = await connection.request("/readyz", { signal: closing.signal });
      if (response.status !== 200 && response.status !== 503) throw await connection.failure(response);
      return parsed(HealthAnswer, await response.json(), response.status);
    },
    async close() {
      closing.abort();
    },
  };
};
