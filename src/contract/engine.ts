import type { FunctionDescription } from "./function.ts";
import type { JsonObject } from "./json.ts";
import type { EngineEvent } from "./services.ts";

/** Which events a subscriber wants; every field narrows. */
export interface EventFilter {
  readonly types?: readonly string[];
  readonly job?: string;
  readonly disk?: string;
}

export interface InvokeOptions {
  /**
   * A bearer token. `null`: the door got none, which is refused. Absent: a call of our own process, which may do
   * all. A door always passes it.
   */
  readonly token?: string | null;
  readonly idempotencyKey?: string;
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
  invoke(name: string, input: unknown, options?: InvokeOptions): Promise<Invocation>;
  /**
   * What happens from now on, or from just after the event `after`. Where `after` is unknown or too old, one event
   * of type `reset` comes first: whoever gets it reads the state anew. Progress is coalesced and never replayed.
   */
  events(
    filter: EventFilter,
    options?: { readonly after?: string; readonly token?: string | null; readonly signal?: AbortSignal },
  ): AsyncIterable<EngineEvent>;
  health(): Promise<Health>;
  close(): Promise<void>;
}

export interface Health {
  /** Whether functions can be called. */
  readonly ready: boolean;
  readonly version: string;
  readonly details: JsonObject;
}
