import type { Clock, EngineEvent, EventFilter, Events } from "../../contract/index.ts";
import { createSubscription, type Published } from "./subscription.ts";

/** How many events are kept for those who come back, or fall behind. */
const DEFAULT_CAPACITY = 1024;

/** Coalesced for whoever is slow, and never replayed. */
const PROGRESS = "job.progressed";

export interface EventHub extends Events {
  /**
   * What happens from this call on, or from just after the event `after`. Ends with the signal and with `close`. A
   * subscriber costs no memory while it is slow: what has left the ring meanwhile is replaced by one `reset`.
   */
  subscribe(
    filter: EventFilter,
    options?: { readonly after?: string; readonly signal?: AbortSignal },
  ): AsyncIterable<EngineEvent>;
  /** Ends every subscription once it has seen what was published before. */
  close(): void;
}

/** `boot` is another number at each start of the server: it tells ids of one run from those of another. */
export const createEventHub = (options: {
  readonly boot: number;
  readonly clock: Pick<Clock, "now">;
  readonly capacity?: number;
}): EventHub => {
  const { boot, clock, capacity = DEFAULT_CAPACITY } = options;
  const ring: Published[] = [];
  const listeners = new Set<(progress?: Published) => void>();
  let latest = 0;
  let closed = false;
  const idOf = (n: number) => `${boot}-${n}`;
  const wake = (progress?: Published) => {
    for (const listener of listeners) listener(progress);
  };

  const cursorOf = (after: string): number | undefined => {
    const match = /^(\d+)-(\d{1,15})$/.exec(after);
    const n = Number(match?.[2]);
    return match !== null && Number(match[1]) === boot && n <= latest ? n : undefined;
  };

  return {
    publish({ type, job, disk, data = {} }) {
      if (closed) return;
      const transient = type === PROGRESS && job !== undefined;
      if (!transient) latest += 1;
      // Progress carries the id of the latest event that can be replayed: whoever resumes after it skips nothing.
      const event = { id: idOf(latest), type, at: clock.now(), data };
      const published = {
        n: latest,
        event: { ...event, ...(job !== undefined && { job }), ...(disk !== undefined && { disk }) },
      };
      if (transient) return wake(published);
      ring.push(published);
      if (ring.length > capacity) ring.shift();
      wake();
    },
    subscribe(filter, { after, signal } = {}) {
      return createSubscription({
        filter,
        cursor: after === undefined ? latest : cursorOf(after),
        progressLimit: capacity,
        log: {
          ring,
          latest: () => latest,
          closed: () => closed,
          reset: () => ({ id: idOf(latest), type: "reset", at: clock.now(), data: {} }),
          listen: (listener) => {
            listeners.add(listener);
            return () => listeners.delete(listener);
          },
        },
        ...(signal && { signal }),
      });
    },
    close() {
      closed = true;
      wake();
    },
  };
};
