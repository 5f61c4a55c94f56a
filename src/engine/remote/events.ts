import { CodedError, type EngineEvent, type EventFilter, z } from "../../contract/index.ts";
import type { Connection } from "./connection.ts";
import { failureOf } from "./failure.ts";
import { messagesOf } from "./sse.ts";

/** Waits between attempts to reconnect; the last one is repeated. */
const RECONNECT_MS = [100, 250, 500, 1_000, 2_000] as const;
/** With no answer for so many attempts in a row the server is given up. */
const MAX_ATTEMPTS = 10;
/** An id that no server gave: it is answered with a `reset`. */
const UNKNOWN_ID = "unknown";

const Event: z.ZodType<EngineEvent> = z.object({
  id: z.string(),
  type: z.string(),
  at: z.number(),
  job: z.string().exactOptional(),
  disk: z.string().exactOptional(),
  data: z.record(z.string(), z.json()),
});

export interface RemoteEventsOptions {
  readonly after?: string;
  readonly token?: string | null;
  readonly signal: AbortSignal;
}

/**
 * The server's events. A lost connection is made again and resumed after the last event; where that is not possible
 * the server says `reset`. Rejects when the server refuses, or can't be reached for about fifteen seconds.
 */
export async function* remoteEvents(
  connection: Connection,
  filter: EventFilter,
  { after, token, signal }: RemoteEventsOptions,
): AsyncGenerator<EngineEvent> {
  let lastId = after;
  let failures = 0;
  while (!signal.aborted) {
    try {
      const response = await connection.request(`/v1/events${queryOf(filter)}`, {
        token,
        signal,
        headers: { Accept: "text/event-stream", ...(lastId !== undefined && { "Last-Event-ID": lastId }) },
      });
      if (!response.ok || response.body === null) throw await connection.failure(response);
      failures = 0;
      // From here on events may be missed while there is no connection.
      lastId ??= UNKNOWN_ID;
      for await (const { event, data } of messagesOf(response.body)) {
        if (event === "error") throw failureOf(jsonOf(data), "/v1/events", response.status);
        const parsed = Event.safeParse(jsonOf(data));
        if (!parsed.success) throw failureOf(undefined, "/v1/events", response.status);
        lastId = parsed.data.id;
        yield parsed.data;
      }
    } catch (error) {
      if (signal.aborted) return;
      if (CodedError.is(error) && !isPassing(error)) throw error;
      failures += 1;
      if (failures === MAX_ATTEMPTS) throw error;
    }
    await pause(RECONNECT_MS[Math.min(failures, RECONNECT_MS.length - 1)] ?? 0, signal);
  }
}

/** What a restart of the server, or of a proxy before it, looks like. */
const isPassing = ({ code, data }: CodedError): boolean =>
  ["server-unreachable", "server-stopping", "peer-lost"].includes(code) ||
  (code === "answer-unreadable" && statusIn(data) >= 500);

const statusIn = ({ status }: { readonly status?: unknown }) => Number(status);

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const queryOf = ({ types, job, disk }: EventFilter): string => {
  const query = new URLSearchParams((types ?? []).map((type): [string, string] => ["types", type]));
  if (job !== undefined) query.set("job", job);
  if (disk !== undefined) query.set("disk", disk);
  return query.size > 0 ? `?${query}` : "";
};

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end);
  });
