import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createEdge } from "pagurus/edge";
import { connectEngine } from "pagurus/engine";
import type { Lab, LabPart } from "../world.ts";
import { Answer } from "./answer.ts";

/** What an edge has behind it: the engine of this process, or one that it reaches over HTTP. */
export type EngineBehind = "the engine" | "a remote engine";

export interface Route {
  readonly method: string;
  readonly path: string;
}

export interface Asked extends Route {
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

type Edge = ReturnType<typeof createEdge>;

/** An edge before the scenario's engine, and a caller who remembers what it asked last and was answered. */
export class HttpDoor implements LabPart {
  readonly #lab: Lab;
  behind: EngineBehind = "the engine";
  readonly answers: Answer[] = [];
  last: Asked | undefined;
  #edge: Edge | undefined;

  constructor(lab: Lab) {
    this.#lab = lab;
  }

  /** The answer to the last call. */
  get answer(): Answer {
    const last = this.answers.at(-1);
    if (!last) throw new Error("nothing has been asked");
    return last;
  }

  async token(): Promise<string> {
    await this.#lab.started();
    return (await readFile(join(this.#lab.dataDir, "token"), "utf8")).trim();
  }

  /** Asks with the server's own token, unless the headers say otherwise. */
  async ask(asked: Asked): Promise<Answer> {
    this.last = asked;
    const answer = await Answer.of(await this.fetch(asked));
    this.answers.push(answer);
    return answer;
  }

  async repeat(): Promise<Answer> {
    if (!this.last) throw new Error("nothing has been asked");
    return this.ask(this.last);
  }

  /** The response as it begins, for those that go on. `{job}` in the path is the job started last. */
  async fetch({ method, path, body, headers = {} }: Asked, signal?: AbortSignal): Promise<Response> {
    const edge = await this.#opened();
    const json = body === undefined ? {} : { "content-type": "application/json" };
    const authorization = `Bearer ${await this.token()}`;
    const given = Object.entries({ authorization, ...json, ...headers }).filter(([, value]) => value !== "");
    return edge.request(path.replace("{job}", this.#lab.job ?? "none"), {
      method,
      headers: given.map(([name, value]): [string, string] => [name, value]),
      ...(body !== undefined && { body }),
      ...(signal && { signal }),
    });
  }

  /** As when the server is stopped and started again. */
  async restart(): Promise<void> {
    this.#edge = undefined;
    await this.#lab.stop();
    await this.#lab.started();
  }

  async end(): Promise<void> {
    this.#edge = undefined;
  }

  async #opened(): Promise<Edge> {
    if (this.#edge) return this.#edge;
    const engine = await this.#lab.started();
    const local = createEdge(engine, await engine.functions(), { version: "0.0.0" });
    this.#edge = this.behind === "the engine" ? local : await this.#before(local);
    return this.#edge;
  }

  async #before(local: Edge): Promise<Edge> {
    const engine = connectEngine({
      url: "http://127.0.0.1",
      fetch: async (input, init) => local.fetch(new Request(input, init)),
    });
    const functions = await engine.functions({ token: await this.token() });
    return createEdge(engine, functions, { version: "0.0.0" });
  }
}
