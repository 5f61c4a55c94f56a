import type { FunctionDescription } from "./function.ts";
import type { JsonObject } from "./json.ts";
import type { EngineEvent } from "./services.ts";

/** Which events a subscriber wants; every field narrows. */
export interface EventFilter {
  readonly types?: readonly string[];
  readonly job?: string;
  readonly disk?: string;
}

/** How a function is called. */
export interface InvokeOptions {
  /**
   * A bearer token. `null`: the door got none, which is refused. Absent: a call of our own process, which may do
   * all. A door always passes it.
   */
  readonly token?: string | null;
  /**
   * 1 to 255 visible ASCII characters. A repetition with the same key and input answers what the first call did,
   * for a day, also after a crash; with another input it is refused. Reads ignore it.
   */
  readonly idempotencyKey?: string;
  /** Gives up the call, not a job that it has started. */
  readonly signal?: AbortSignal;
}

/** What a call of a function answers. */
export interface Invocation {
  readonly kind: "call" | "job";
  /** A call's output; a job's row, as `jobs.show` answers it. */
  readonly output: unknown;
  /** Where what was created can be read: a path under `/v1`. */
  readonly location?: string;
  /** Whether this is the answer of an earlier call with the same idempotency key. */
  readonly replayed: boolean;
}

/**
 * The only door to the control plane. Validation, authentication, idempotency and auditing happen behind it and
 * nowhere else. Every rejection is a `CodedError` whose chain `observationOf` can read.
 */
export interface Engine {
  /** `refuse` what the token may not see: `token-missing`, `token-invalid`. */
  functions(options?: { readonly token?: string | null }): Promise<readonly FunctionDescription[]>;
  /**
   * Calls may overlap. A job is durable when it resolves, and goes on by itself. Rejects with what the function throws,
   * and with `function-not-found`, `input-invalid` (every field that is wrong at once), `token-missing`,
   * `token-invalid`, `permission-denied`, `idempotency-conflict`, `idempotency-running`, `function-unavailable` and
   * `server-stopping`; a remote one with `server-unreachable` and, where it is unknown whether the call was carried
   * out, `peer-lost`.
   */
  invoke(name: string, input: unknown, options?: InvokeOptions): Promise<Invocation>;
  /**
   * What happens from now on, or from just after the event `after`. Where `after` is unknown or too old, one event
   * of type `reset` comes first: whoever gets it reads the state anew. Progress is coalesced and never replayed.
   */
  events(
    filter: EventFilter,
    options?: { readonly after?: string; readonly token?: string | null; readonly signal?: AbortSignal },
  ): AsyncIterable<EngineEvent>;
  /** Whether it can be called now; in this process it never rejects. */
  health(): Promise<Health>;
  /**
   * Ends jobs, disks and subscriptions, in this order; resolves when everything is released. Again it does nothing. A
   * remote one ends its own calls alone, and the server goes on.
   */
  close(): Promise<void>;
}

/** How an engine is. */
export interface Health {
  /** Whether functions can be called. */
  readonly ready: boolean;
  /** Of the package. */
  readonly version: string;
  /** Threads, disks and the like: for people, in no fixed shape. */
  readonly details: JsonObject;
}
