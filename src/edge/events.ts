import type { Context } from "hono";
import type { Engine, EngineEvent, EventFilter } from "../contract/index.ts";

const HEARTBEAT_MS = 15_000;
/** How long a client waits before it reconnects. */
const RETRY_MS = 1_000;

/** The engine's events as server-sent events; `token` is refused before the stream begins. */
export const eventsResponse = async (
  c: Context,
  engine: Engine,
  token: string | null,
  failureText: (error: unknown) => string,
): Promise<Response> => {
  await engine.functions({ token });
  const headers = { "Content-Type": "text/event-stream", "X-Accel-Buffering": "no" };
  if (c.req.raw.method === "HEAD") return new Response(null, { headers });
  const closing = new AbortController();
  c.req.raw.signal.addEventListener("abort", () => closing.abort());
  const after = c.req.header("last-event-id") ?? c.req.query("after");
  const from = { token, signal: closing.signal, ...(after !== undefined && { after }) };
  return new Response(textOf(engine.events(filterOf(c), from), closing, failureText), { headers });
};

const filterOf = (c: Context): EventFilter => {
  const types = c.req.queries("types")?.flatMap((text) => text.split(","));
  const job = c.req.query("job");
  const disk = c.req.query("disk");
  return { ...(types && { types }), ...(job && { job }), ...(disk && { disk }) };
};

/** Pulled by the client: one that reads slowly holds at most one event here. */
const textOf = (
  events: AsyncIterable<EngineEvent>,
  closing: AbortController,
  failureText: (error: unknown) => string,
): ReadableStream<Uint8Array> => {
  const encoder = new TextEncoder();
  const iterator = events[Symbol.asyncIterator]();
  const read = () =>
    iterator.next().then(
      ({ done, value }) => ({ last: done === true, text: done ? "" : messageOf(value) }),
      (error: unknown) => ({ last: true, text: `event: error\ndata: ${failureText(error)}\n\n` }),
    );
  // Reading begins before the answer does, so that whatever the client does next is in its stream.
  let pending = read();
  return new ReadableStream({
    start: (controller) => controller.enqueue(encoder.encode(`: connected\nretry: ${RETRY_MS}\n\n`)),
    async pull(controller) {
      const message = await orHeartbeat(pending);
      if (message === undefined) return controller.enqueue(encoder.encode(": alive\n\n"));
      if (message.text !== "") controller.enqueue(encoder.encode(message.text));
      if (message.last) controller.close();
      else pending = read();
    },
    cancel: () => closing.abort(),
  });
};

const messageOf = (event: EngineEvent): string =>
  `id: ${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;

/** Undefined where nothing came in time. */
const orHeartbeat = async <T>(pending: Promise<T>): Promise<T | undefined> => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, HEARTBEAT_MS, undefined);
  });
  try {
    return await Promise.race([pending, silence]);
  } finally {
    clearTimeout(timer);
  }
};
