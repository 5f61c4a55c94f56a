import http, { type Agent, type ClientRequest, type IncomingMessage, type RequestOptions } from "node:http";
import https from "node:https";
import { text } from "node:stream/consumers";
import type { ClientOptions } from "minio";

type Transport = NonNullable<ClientOptions["transport"]>;

/** The client would repeat such a request by itself, and reads no further. */
const UNREAD = new Set([408, 429, 499, 500, 502, 503, 504, 520]);

/** Nothing moved for so long that it is tried again. */
export class Silence extends Error {}

export interface ExchangeOptions {
  readonly secure: boolean;
  readonly agent: Agent;
  /** Tears the request down. */
  readonly signal: AbortSignal;
  /** For so long nothing may move: neither the connection, nor a byte of the request or its answer. */
  readonly silenceMs: number;
}

/** One request and its answer, seen below the client, which keeps for itself what the server said. */
export class Exchange {
  readonly #options: ExchangeOptions;
  #answer: IncomingMessage | undefined;
  #reusedConnection = false;
  #said: string | undefined;

  constructor(options: ExchangeOptions) {
    this.#options = options;
  }

  /** The status of the answer; undefined before there is one. */
  get status(): number | undefined {
    return this.#answer?.statusCode;
  }

  header(name: string): string | undefined {
    const value = this.#answer?.headers[name];
    return typeof value === "string" ? value : undefined;
  }

  /**
   * What the server says with a status after which the client reads no further, which would also keep the connection
   * from further use. Known after `ended`.
   */
  get said(): string | undefined {
    return this.#said;
  }

  /** What the client leaves unread has been read. */
  async ended(): Promise<void> {
    const answer = this.#answer;
    if (answer === undefined || !UNREAD.has(answer.statusCode ?? 0)) return;
    const body = await text(answer).catch(() => "");
    const [, code = `status ${answer.statusCode}`] = /<Code>([^<]+)</.exec(body) ?? [];
    const [, message] = /<Message>([^<]+)</.exec(body) ?? [];
    this.#said = message === undefined ? code : `${code}: ${message}`;
  }

  /** It came to nothing because the server had ended a connection that was kept from earlier requests. */
  get stale(): boolean {
    return this.#reusedConnection && this.status === undefined && !this.#options.signal.aborted;
  }

  /** What the client asks through. */
  get transport(): Transport {
    const { secure, agent, signal, silenceMs } = this.#options;
    const { request } = secure ? https : http;
    return {
      request: (to: RequestOptions | string | URL, second?: unknown): ClientRequest => {
        if (typeof to === "string" || to instanceof URL || typeof second !== "function")
          throw new TypeError("the client asks with options and a callback");
        const asked = request({ ...to, agent, signal, timeout: silenceMs });
        asked.once("response", (answer) => {
          this.#answer = answer;
          second(answer);
        });
        asked.once("socket", () => {
          this.#reusedConnection = asked.reusedSocket;
        });
        asked.once("timeout", () => asked.destroy(new Silence(`nothing came for ${silenceMs} ms`)));
        return asked;
      },
    };
  }
}
