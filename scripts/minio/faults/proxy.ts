import { once } from "node:events";
import { Agent, createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../free-port.ts";
import { type Answer, Exchange } from "./exchange.ts";
import { type Refusal, refusalOf } from "./refusal.ts";
import { type Deed, type Fault, Rule, type Whose } from "./rule.ts";
import type { RequestLine } from "./which.ts";

/** A request that the server has not seen. */
export interface HeldRequest {
  readonly line: RequestLine;
  readonly body: Buffer;
  /** Sends it to the server, and the answer to the client where that is still there. Called again it sends a copy. */
  release(): Promise<Answer>;
  /** Cuts the client's connection; the request can be released all the same. */
  hangUp(): void;
}

/** An answer of the server that the client has not seen. */
export interface HeldAnswer {
  readonly line: RequestLine;
  readonly answer: Answer;
  release(): void;
  hangUp(): void;
}

/**
 * Stands between clients and a server of S3, and does to their requests what a test says. Where several faults are for
 * the same request, the newest has it.
 */
export class FaultProxy {
  readonly url: string;
  /** For so long every request waits before anything else. */
  delayMs = 0;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #port: number;
  readonly #server;
  readonly #faults: Pick<Rule<never>, "takes" | "act" | "end">[] = [];
  readonly #watches: Rule<RequestLine>[] = [];

  private constructor(serverUrl: string, port: number) {
    this.#port = port;
    this.url = `http://127.0.0.1:${port}`;
    const upstream = { url: serverUrl, agent: this.#agent };
    this.#server = createServer((incoming, outgoing) => {
      const exchange = new Exchange(incoming, outgoing, upstream);
      // A client learns of a server that is down by a connection that is cut.
      this.#handle(exchange).catch(() => exchange.cut());
    });
  }

  static async start(serverUrl: string): Promise<FaultProxy> {
    const proxy = new FaultProxy(serverUrl, await freePort());
    await proxy.comeUp();
    return proxy;
  }

  /** Does nothing to them; tells of them and counts them. */
  watch(whose: Whose): Fault<RequestLine> {
    const watch = new Rule<RequestLine>(whose, async ({ line }, met) => met(line));
    this.#watches.push(watch);
    return watch;
  }

  /** The server doesn't see them, and the client is refused. */
  refuse(whose: Whose, refusal: Refusal): Fault<RequestLine> {
    return this.#add(whose, async (exchange, met) => {
      await exchange.body();
      exchange.reply(refusalOf(refusal));
      met(exchange.line);
    });
  }

  /** The server doesn't see them, and the client's connection is cut. */
  loseRequests(whose: Whose): Fault<RequestLine> {
    return this.#add(whose, async (exchange, met) => {
      await exchange.body();
      exchange.cut();
      met(exchange.line);
    });
  }

  /** The server does what they ask for; the client's connection is cut, after so many bytes of the answer if told. */
  loseAnswers(whose: Whose & { readonly afterBytes?: number }): Fault<Answer> {
    return this.#add(whose, async (exchange, met) => {
      const answer = await exchange.deliver(await exchange.body());
      if (whose.afterBytes !== undefined) await exchange.replyInPart(answer, whose.afterBytes);
      exchange.cut();
      met(answer);
    });
  }

  /** Before the server sees them. */
  holdRequests(whose: Whose): Fault<HeldRequest> {
    return this.#add(whose, async (exchange, met) => {
      const body = await exchange.body();
      const release = async () => {
        try {
          const answer = await exchange.deliver(body);
          exchange.reply(answer);
          return answer;
        } catch (error) {
          exchange.cut();
          throw error;
        }
      };
      met({ line: exchange.line, body, release, hangUp: () => exchange.cut() });
    });
  }

  /** Once the server has done what was asked for. */
  holdAnswers(whose: Whose): Fault<HeldAnswer> {
    return this.#add(whose, async (exchange, met) => {
      const answer = await exchange.deliver(await exchange.body());
      const release = () => exchange.reply(answer);
      met({ line: exchange.line, answer, release, hangUp: () => exchange.cut() });
    });
  }

  /** Cuts every connection and accepts none; what is held can still be released to the server. */
  async goDown(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  /** At the same address. */
  async comeUp(): Promise<void> {
    if (this.#server.listening) return;
    const listening = once(this.#server, "listening");
    this.#server.listen(this.#port, "127.0.0.1");
    await listening;
  }

  async stop(): Promise<void> {
    for (const rule of [...this.#faults, ...this.#watches]) rule.end();
    await this.goDown();
    this.#agent.destroy();
  }

  async #handle(exchange: Exchange): Promise<void> {
    if (this.delayMs > 0) await sleep(this.delayMs);
    for (const watch of this.#watches) if (watch.takes(exchange)) await watch.act(exchange);
    const fault = this.#faults.findLast((one) => one.takes(exchange));
    await (fault ? fault.act(exchange) : exchange.pass());
  }

  #add<Met>(whose: Whose, deed: Deed<Met>): Fault<Met> {
    const rule = new Rule(whose, deed);
    this.#faults.push(rule);
    return rule;
  }
}
