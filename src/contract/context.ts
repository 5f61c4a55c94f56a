import type { Json, JsonObject } from "./json.ts";
import type { Clock, Log } from "./services.ts";

/** Something outside the catalog that a function creates and that must not be left behind unknown. */
export interface ResourceRef {
  /** Its kind, such as `layer`. The kind's owner removes it when its job ends without it. */
  readonly kind: string;
  readonly ref: JsonObject;
}

/** What a running function is given. */
export interface CallContext {
  /** Fires on cancel, disconnect and shutdown. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly log: Log;
  /**
   * A call that came with an idempotency key: what a repetition is to be answered. A function that makes something
   * may keep that answer in the transaction that makes it; otherwise the engine keeps it when the call has ended.
   */
  readonly replay?: {
    readonly key: string;
    readonly token: string | null;
    answerFor(output: unknown): Json;
  };
  /**
   * Journals a resource; when it resolves the record is durable, and only then may the resource be created.
   * `catalog-unavailable`: it must not be.
   */
  resource(resource: ResourceRef): Promise<void>;
}

/** What a running job is given besides. */
export interface JobContext extends CallContext {
  readonly id: string;
  /** The disks that the job holds, by id. */
  readonly disks: readonly string[];
  /**
   * Journals `name` as the job's state, and when that is durable runs `run`. `compensate` runs, last step first, when
   * the job fails or is cancelled later; after a crash the resources that the job has journalled are removed instead.
   * One step at a time. Rejects as `run` does, and with `catalog-unavailable` before `run` was called.
   */
  step<T>(
    name: string,
    run: () => Promise<T>,
    options?: { compensate?: (answer: T) => Promise<void> },
  ): Promise<T>;
  /**
   * Replaces the job's progress. Cheap: coalesced before anybody sees it. Its `percent`, where it has one, is 0 to 100
   * and never falls.
   */
  progress(progress: JsonObject): void;
}
