import type { Client } from "minio";
import { type Clock, CodedError, type Log, type Metrics } from "pagurus";
import { type Asked, verdictOf } from "./classify.ts";
import type { MinioConfig } from "./config.ts";
import { Connections } from "./connections.ts";
import { type CredentialSource, type Credentials, credentialSource } from "./credentials.ts";
import { Exchange, type ExchangeOptions, Silence } from "./exchange.ts";
import type { ObjectCall } from "./objects.ts";
import { Outages } from "./outages.ts";
import { type Attempted, type AttemptLimits, Retries } from "./retry.ts";
import type { Counts, RequestKind } from "./tally.ts";

/** A transfer slower than this is as good as dead, though its bytes move. */
const SLOWEST_BYTES_PER_SECOND = 64 * 1024;

export type StoreConfig = Pick<
  MinioConfig,
  | "endpoint"
  | "bucket"
  | "prefix"
  | "region"
  | "accessKey"
  | "secretKey"
  | "sessionToken"
  | "credentialsFile"
  | "caFile"
  | "requestTimeoutMs"
  | "storeDeadlineMs"
>;

export interface StoreOptions {
  /** Of the datastore, for whom it is told. */
  readonly id: string;
  readonly config: StoreConfig;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** What a request is for, how it is made, and what its answer means. */
export interface StoreRequest<T> extends Pick<Asked, "object" | "operation"> {
  readonly kind: RequestKind;
  readonly sentBytes?: number;
  /** At most so many come, which decides how long it may take. */
  readonly expectedBytes?: number;
  /** The answers to what else it may meet; what has none is a failure. */
  readonly otherwise?: Partial<Readonly<Record<"absent" | "taken" | "beyond", () => T>>>;
  /** `alive` is told whenever bytes have moved. */
  send(client: Client, alive: () => void): Promise<T>;
}

/** Makes requests to one bucket of one server, until each has been answered. */
export class S3Store {
  readonly config: StoreConfig;
  readonly outages: Outages;
  readonly #id: string;
  readonly #clock: Clock;
  readonly #connections: Connections;
  readonly #credentials: CredentialSource;
  readonly #retries: Retries;
  /** Loaded by whoever has a datastore, before its first request: it is a third of what a server without one weighs. */
  readonly #library = import("minio");

  constructor({ id, config, clock, log, metrics }: StoreOptions) {
    const { endpoint, storeDeadlineMs: deadlineMs } = config;
    // Each request meets it; until there is one nobody may.
    this.#library.catch(() => undefined);
    this.config = config;
    this.#id = id;
    this.#clock = clock;
    this.#connections = new Connections(config);
    this.#credentials = credentialSource(config);
    this.outages = new Outages({ datastore: id, endpoint, clock, log, metrics });
    this.#retries = new Retries({ datastore: id, endpoint, clock, outages: this.outages, deadlineMs });
  }

  ask<T>(request: StoreRequest<T>, counts: readonly Counts[], call: ObjectCall = {}): Promise<T> {
    const { kind, sentBytes = 0 } = request;
    return this.#retries.run((limits) => {
      for (const each of counts) each.requested(kind, sentBytes);
      return this.#attempt(request, limits, call.signal);
    }, call);
  }

  /** What is under way is given up. */
  close(): Promise<void> {
    this.#retries.stop();
    this.outages.stop();
    return this.#connections.close();
  }

  async #attempt<T>(
    request: StoreRequest<T>,
    { leftMs, waiting }: AttemptLimits,
    signal: AbortSignal | undefined,
  ): Promise<Attempted<T>> {
    const { sentBytes = 0, expectedBytes = 0 } = request;
    const slowestMs = ((sentBytes + expectedBytes) / SLOWEST_BYTES_PER_SECOND) * 1000;
    const { requestTimeoutMs } = this.config;
    const limitMs = requestTimeoutMs + slowestMs;
    // What moves may take its time, whatever time is left: slow isn't dead.
    const silenceMs = Math.max(1, Math.ceil(Math.min(leftMs, requestTimeoutMs)));
    const end = new AbortController();
    const stop = () => end.abort(signal?.reason);
    const cancel = this.#clock.after(limitMs, () =>
      end.abort(new Silence(`not done after ${Math.round(limitMs)} ms`)),
    );
    signal?.addEventListener("abort", stop, { once: true });
    try {
      return await this.#exchange(request, { signal: end.signal, silenceMs }, () => waiting.alive());
    } catch (error) {
      return { kind: "refused", error: asError(error) };
    } finally {
      cancel();
      signal?.removeEventListener("abort", stop);
    }
  }

  async #exchange<T>(
    request: StoreRequest<T>,
    { signal, silenceMs }: Pick<ExchangeOptions, "signal" | "silenceMs">,
    alive: () => void,
  ): Promise<Attempted<T>> {
    const { endpoint } = this.config;
    const [credentials, agent, library] = await Promise.all([
      this.#credentials.current(),
      this.#connections.agent(),
      this.#library,
    ]);
    const exchange = new Exchange({ secure: endpoint.startsWith("https:"), agent, signal, silenceMs });
    try {
      return { kind: "done", value: await request.send(this.#client(library, credentials, exchange), alive) };
    } catch (thrown) {
      await exchange.ended();
      if (CodedError.is(thrown)) return { kind: "refused", error: thrown };
      const verdict = verdictOf(signal.aborted ? signal.reason : thrown, exchange, this.#asked(request));
      if (verdict.kind === "again") return exchange.stale ? { ...verdict, delayMs: 0 } : verdict;
      if (verdict.kind === "refused") return { kind: "refused", error: verdict.error };
      if (verdict.kind !== "denied") return otherwise(request, verdict.kind, thrown);
      if (await this.#credentials.others(credentials))
        return { kind: "again", reason: "its credentials were changed", delayMs: 0 };
      return { kind: "refused", error: verdict.error };
    }
  }

  /** One for each attempt: in no other way does the client give a single request its signal and its credentials. */
  #client(library: typeof import("minio"), credentials: Credentials, { transport }: Exchange): Client {
    const { endpoint, region } = this.config;
    const { hostname, port, protocol } = new URL(endpoint);
    const client = new library.Client({
      endPoint: hostname.replace(/^\[|\]$/g, ""),
      ...(port === "" ? {} : { port: Number(port) }),
      useSSL: protocol === "https:",
      accessKey: credentials.accessKey,
      secretKey: credentials.secretKey,
      ...(credentials.sessionToken === undefined ? {} : { sessionToken: credentials.sessionToken }),
      region,
      transport,
      retryOptions: { disableRetry: true },
    });
    // It would hash bodies on the event loop, for tens of milliseconds; a checksum in a header is verified as well.
    client.enableSHA256 = false;
    return client;
  }

  #asked({ object, operation, sentBytes = 0 }: StoreRequest<unknown>): Asked {
    const { endpoint, bucket, region } = this.config;
    return {
      datastore: this.#id,
      endpoint,
      bucket,
      region,
      object,
      operation,
      neededBytes: sentBytes,
      nowMs: this.#clock.now(),
    };
  }
}

const otherwise = <T>(
  { otherwise: answers = {} }: StoreRequest<T>,
  kind: "absent" | "taken" | "beyond",
  thrown: unknown,
): Attempted<T> => {
  const answer = answers[kind];
  if (answer) return { kind: "done", value: answer() };
  return { kind: "refused", error: asError(thrown) };
};

const asError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)));
