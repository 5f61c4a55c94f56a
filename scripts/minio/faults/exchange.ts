import { once } from "node:events";
import {
  type Agent,
  type ClientRequest,
  type IncomingMessage,
  request,
  type ServerResponse,
} from "node:http";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { lineOf, type RequestLine } from "./which.ts";

/** What the server has answered. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

export interface Upstream {
  readonly url: string;
  readonly agent: Agent;
}

/** One request of a client, and what can be made of it. */
export class Exchange {
  readonly line: RequestLine;
  readonly #incoming: IncomingMessage;
  readonly #outgoing: ServerResponse;
  readonly #upstream: Upstream;

  constructor(incoming: IncomingMessage, outgoing: ServerResponse, upstream: Upstream) {
    this.line = lineOf(incoming);
    this.#incoming = incoming;
    this.#outgoing = outgoing;
    this.#upstream = upstream;
  }

  /** The whole body; rejects where the client goes before it has sent it. */
  body(): Promise<Buffer> {
    return buffer(this.#incoming);
  }

  /** To the server and back, as it flows. */
  async pass(): Promise<void> {
    const forwarded = this.#forward();
    // Not a pipeline: that would hang up on the client where the server answers before it has taken everything.
    this.#incoming.pipe(forwarded);
    this.#incoming.once("close", () => {
      if (!this.#incoming.complete) forwarded.destroy(new Error("the client is gone"));
    });
    const answer = await answerTo(forwarded);
    this.#outgoing.writeHead(answer.statusCode ?? 0, answer.headers);
    await pipeline(answer, this.#outgoing);
  }

  /** Sends what the client has sent to the server, whether the client is still there or not. */
  async deliver(body: Buffer): Promise<Answer> {
    const forwarded = this.#forward();
    const answered = answerTo(forwarded);
    forwarded.end(body);
    const answer = await answered;
    return { status: answer.statusCode ?? 0, headers: answer.headers, body: await buffer(answer) };
  }

  /** Does nothing where the client is gone. */
  reply({ status, headers, body }: Answer): void {
    if (this.#outgoing.destroyed) return;
    this.#outgoing.writeHead(status, headers);
    this.#outgoing.end(body);
  }

  /** Sends so many bytes of the answer's body and no more. */
  async replyInPart({ status, headers, body }: Answer, bytes: number): Promise<void> {
    if (this.#outgoing.destroyed) return;
    this.#outgoing.writeHead(status, headers);
    await new Promise<void>((resolve) => this.#outgoing.write(body.subarray(0, bytes), () => resolve()));
    this.cut();
  }

  cut(): void {
    this.#incoming.destroy();
    this.#outgoing.destroy();
  }

  #forward(): ClientRequest {
    const { method = "GET", url = "/", headers } = this.#incoming;
    const { connection: _, ...kept } = headers;
    // `host` is among the headers as the client sent it: it is signed.
    const { url: server, agent } = this.#upstream;
    const forwarded = request(new URL(url, server), { agent, method, headers: kept });
    // One that comes after the answer began ends the answer too.
    return forwarded.on("error", () => undefined);
  }
}

const answerTo = async (forwarded: ClientRequest): Promise<IncomingMessage> => {
  const [answer]: IncomingMessage[] = await once(forwarded, "response");
  if (!answer) throw new Error("the server answers nothing");
  return answer;
};
