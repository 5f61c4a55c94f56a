import type { EngineEvent, EventFilter } from "../../contract/index.ts";

/** An event and its number; that of progress is the latest one before it. */
export interface Published {
  readonly n: number;
  readonly event: EngineEvent;
}

/** What a subscription reads from. */
interface EventLog {
  /** The last events, oldest first, numbered without gaps. */
  readonly ring: readonly Published[];
  latest(): number;
  closed(): boolean;
  reset(): EngineEvent;
  /** Calls back on every publication, with the event if it is progress. The answer ends it. */
  listen(listener: (progress?: Published) => void): () => void;
}

export interface SubscriptionOptions {
  readonly filter: EventFilter;
  /** The number of the last event seen; absent: what was seen is unknown. */
  readonly cursor: number | undefined;
  readonly progressLimit: number;
  readonly log: EventLog;
  readonly signal?: AbortSignal;
}

const matches = (filter: EventFilter, event: EngineEvent): boolean =>
  (filter.types === undefined || filter.types.includes(event.type)) &&
  (filter.job === undefined || filter.job === event.job) &&
  (filter.disk === undefined || filter.disk === event.disk);

/** A place in the log rather than a queue of its own, so that a slow reader holds nothing but its progress. */
export async function* createSubscription(options: SubscriptionOptions): AsyncGenerator<EngineEvent> {
  const { filter, log, signal, progressLimit } = options;
  const progressByJob = new Map<string, Published>();
  let cursor = options.cursor;
  let wake = () => {};
  const stopListening = log.listen((progress) => {
    const job = progress?.event.job;
    if (progress !== undefined && job !== undefined && matches(filter, progress.event)) {
      progressByJob.delete(job);
      progressByJob.set(job, progress);
      if (progressByJob.size > progressLimit) progressByJob.delete(firstKeyOf(progressByJob));
    }
    wake();
  });
  const onAbort = () => wake();
  signal?.addEventListener("abort", onAbort);

  const next = (): EngineEvent | undefined => {
    const oldest = log.ring[0]?.n ?? log.latest() + 1;
    if (cursor === undefined || cursor < oldest - 1) {
      cursor = log.latest();
      progressByJob.clear();
      return log.reset();
    }
    const [job, progress] = progressByJob.entries().next().value ?? [];
    for (let n = cursor + 1; n <= (progress?.n ?? log.latest()); n++) {
      const published = log.ring[n - oldest];
      cursor = n;
      if (published !== undefined && matches(filter, published.event)) return published.event;
    }
    if (job !== undefined) progressByJob.delete(job);
    return progress?.event;
  };

  try {
    while (signal?.aborted !== true) {
      const changed = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const event = next();
      if (event !== undefined) yield event;
      else if (log.closed()) return;
      else await changed;
    }
  } finally {
    stopListening();
    signal?.removeEventListener("abort", onAbort);
  }
}

const firstKeyOf = (map: ReadonlyMap<string, unknown>): string => map.keys().next().value ?? "";
