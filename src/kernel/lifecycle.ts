import { CodedError } from "../contract/errors.ts";
import type { Lifecycle } from "../contract/plugin.ts";
import type { Clock } from "../contract/services.ts";
import { withDeadline } from "./deadline.ts";
import type { Instance } from "./instances.ts";
import type { Ordered } from "./order.ts";

/** How long an instance may take to start, and to stop. */
export const DEADLINE_MS = 30_000;

export type InstanceState = "registered" | "ready" | "failed" | "stopped" | "other-plane";

/** An instance with its objects in this plane. */
export interface Live extends Ordered {
  /** Each once, whatever the number of points that it serves. */
  readonly objects: readonly Lifecycle[];
  state: InstanceState;
  /** Why it failed. */
  failure?: unknown;
}

/** Starts instances as soon as those that they need are ready, and stops them in the reverse of their order. */
export class LiveInstances {
  readonly #lives: readonly Live[];
  readonly #clock: Clock;
  readonly #stopping = new AbortController();
  readonly #begun = new Set<Live>();
  #starting: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;

  constructor(lives: readonly Live[], clock: Clock) {
    this.#lives = lives;
    this.#clock = clock;
  }

  /** `plugin-start-failed`, with everything already started stopped again. Called again it does nothing more. */
  async start(): Promise<void> {
    if (this.#stopped !== undefined) throw new CodedError("server-stopping", {});
    this.#starting ??= this.#start();
    await this.#starting;
  }

  /** Rejects with `plugin-stop-failed` or `plugin-stop-timeout` after everything else was stopped all the same. */
  async stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    await this.#stopped;
  }

  async #start(): Promise<void> {
    const startOf = new Map<Instance, Promise<void>>();
    for (const live of this.#lives) {
      const needed = live.after.map((instance) => startOf.get(instance));
      const started = Promise.all(needed).then(() => this.#startOne(live));
      startOf.set(live.instance, started);
      started.catch((error: unknown) => this.#stopping.abort(error));
    }
    await Promise.allSettled(startOf.values());
    if (!this.#stopping.signal.aborted) return;
    // The first failure aborted the rest: what else failed since is only its consequence.
    throw together([this.#stopping.signal.reason, ...(await this.#stopAll())]);
  }

  async #startOne(live: Live): Promise<void> {
    const { instance, objects } = live;
    if (live.state === "other-plane") return;
    this.#stopping.signal.throwIfAborted();
    this.#begun.add(live);
    try {
      await withDeadline(
        async (signal) => {
          for (const object of objects) await object.start?.({ signal });
        },
        {
          clock: this.#clock,
          ms: DEADLINE_MS,
          signal: this.#stopping.signal,
          late: () =>
            new CodedError("plugin-start-timeout", { instance: instance.key, timeoutMs: DEADLINE_MS }),
        },
      );
      live.state = "ready";
    } catch (cause) {
      live.state = "failed";
      live.failure = CodedError.is(cause, "plugin-start-timeout")
        ? cause
        : new CodedError("plugin-start-failed", { instance: instance.key }, { cause });
      if (!instance.optional) throw live.failure;
      this.#begun.delete(live);
      await this.#stopOne(live).catch(() => {});
    }
  }

  async #stop(): Promise<void> {
    this.#stopping.abort(new CodedError("server-stopping", {}));
    await this.#starting?.catch(() => {});
    const failures = await this.#stopAll();
    if (failures.length > 0) throw together(failures);
  }

  /** Stops what was begun, last first; answers what could not be stopped. */
  async #stopAll(): Promise<readonly unknown[]> {
    const failures: unknown[] = [];
    for (const live of this.#lives.toReversed()) {
      if (!this.#begun.delete(live)) continue;
      await this.#stopOne(live).catch((error: unknown) => failures.push(error));
      if (live.state === "ready") live.state = "stopped";
    }
    return failures;
  }

  async #stopOne({ instance, objects }: Live): Promise<void> {
    const failures: unknown[] = [];
    for (const object of objects.toReversed())
      await withDeadline(async () => object.stop?.(), {
        clock: this.#clock,
        ms: DEADLINE_MS,
        late: () => new CodedError("plugin-stop-timeout", { instance: instance.key, timeoutMs: DEADLINE_MS }),
      }).catch((error: unknown) => failures.push(error));
    const [cause] = failures;
    if (cause === undefined) return;
    if (CodedError.is(cause, "plugin-stop-timeout")) throw cause;
    throw new CodedError("plugin-stop-failed", { instance: instance.key }, { cause });
  }
}

/** One error for all: the first, unless there are more to tell. */
function together(failures: readonly unknown[]): unknown {
  const [first] = failures;
  if (failures.length === 1 || !CodedError.is(first)) return first;
  return new CodedError<string>(first.code, first.data, { cause: new AggregateError(failures) });
}
