import { type EngineEvent, z } from "pagurus";
import type { Lab, LabPart } from "../world.ts";
import { Answer } from "./answer.ts";
import { HttpDoor } from "./http-door.ts";

const Event: z.ZodType<EngineEvent> = z.looseObject({
  id: z.string(),
  type: z.string(),
  at: z.number(),
  job: z.string().exactOptional(),
  disk: z.string().exactOptional(),
  data: z.record(z.string(), z.json()),
});

/** Somebody who listens to the server's events over HTTP, and may go away and come back. */
export class Subscriber implements LabPart {
  readonly #lab: Lab;
  heard: EngineEvent[] = [];
  #stream: { readonly abort: AbortController; readonly events: AsyncGenerator<EngineEvent> } | undefined;

  constructor(lab: Lab) {
    this.#lab = lab;
  }

  async listen(query = "", headers: Readonly<Record<string, string>> = {}): Promise<void> {
    const abort = new AbortController();
    const path = `/v1/events${query}`;
    const response = await this.#lab.part(HttpDoor).fetch({ method: "GET", path, headers }, abort.signal);
    if (response.status !== 200 || response.body === null)
      throw new Error(`no events: ${(await Answer.of(response)).text}`);
    this.#stream = { abort, events: eventsIn(response.body) };
  }

  /** Listens from just after the last event that was heard. */
  async comeBack(): Promise<void> {
    const last = this.heard.at(-1);
    if (!last) throw new Error("the subscriber has heard nothing yet");
    this.heard = [];
    await this.listen("", { "last-event-id": last.id });
  }

  /** Listens until an event of the type has come, and answers it. */
  async hear(type: string): Promise<EngineEvent> {
    for (;;) {
      const next = await this.#stream?.events.next();
      if (!next || next.done) throw new Error(`the events ended before ${type}`);
      this.heard.push(next.value);
      if (next.value.type === type) return next.value;
    }
  }

  /** Whether the server has ended the stream. */
  async ended(): Promise<boolean> {
    return (await this.#stream?.events.next())?.done === true;
  }

  goAway(): void {
    this.#stream?.abort.abort();
    this.#stream = undefined;
  }

  async end(): Promise<void> {
    this.goAway();
  }
}

async function* eventsIn(body: ReadableStream<Uint8Array>): AsyncGenerator<EngineEvent> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const bytes of body) {
    const messages = `${text}${decoder.decode(bytes, { stream: true })}`.split("\n\n");
    text = messages.pop() ?? "";
    for (const message of messages) {
      const data = /^data: (.*)$/m.exec(message)?.[1];
      if (data !== undefined) yield Event.parse(JSON.parse(data));
    }
  }
}
