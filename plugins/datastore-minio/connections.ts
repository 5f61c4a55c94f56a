import { readFile } from "node:fs/promises";
import { Agent } from "node:http";
import { Agent as SecureAgent } from "node:https";
import { rootCertificates } from "node:tls";
import { CodedError, reasonOf } from "pagurus";
import type { MinioConfig } from "./config.ts";

type Configured = Pick<MinioConfig, "endpoint" | "caFile">;

/** The connections to the server, kept from one request to the next. How many there are is up to who asks. */
export class Connections {
  readonly #config: Configured;
  #agent: Promise<Agent> | undefined;

  constructor(config: Configured) {
    this.#config = config;
  }

  agent(): Promise<Agent> {
    this.#agent ??= this.#open();
    this.#agent.catch(() => {
      this.#agent = undefined;
    });
    return this.#agent;
  }

  /** Requests under way lose their connection. */
  async close(): Promise<void> {
    const agent = await this.#agent?.catch(() => undefined);
    agent?.destroy();
    this.#agent = undefined;
  }

  async #open(): Promise<Agent> {
    const { endpoint, caFile: path } = this.#config;
    if (!endpoint.startsWith("https:")) return new Agent({ keepAlive: true });
    if (path === undefined) return new SecureAgent({ keepAlive: true });
    const own = await readFile(path, "utf8").catch((cause: unknown) => {
      throw new CodedError("bucket-ca-unreadable", { endpoint, path, reason: reasonOf(cause) }, { cause });
    });
    return new SecureAgent({ keepAlive: true, ca: [...rootCertificates, own] });
  }
}
