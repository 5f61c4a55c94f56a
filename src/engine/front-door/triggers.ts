import { type Clock, type EngineEvent, type Invoke, type Log, reasonOf } from "../../contract/index.ts";
import type { EventHub } from "../events/index.ts";
import type { RegisteredFunction } from "./describe.ts";

export interface Triggers {
  start(): void;
  /** Cancels what runs and waits for its end. */
  stop(): Promise<void>;
}

/**
 * Calls the functions that declare `on` or `everyMs`. One function's calls never overlap, and one that fails is
 * called again at its next occasion. Events that come while it runs wait; beyond what the hub keeps they are lost.
 */
export const createTriggers = (options: {
  readonly functions: readonly RegisteredFunction[];
  readonly events: Pick<EventHub, "subscribe">;
  readonly invoke: Invoke;
  readonly clock: Pick<Clock, "sleep">;
  readonly log: Log;
}): Triggers => {
  const { functions, events, invoke, clock, log } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const loops: Promise<void>[] = [];

  const call = async (name: string, input: { readonly event?: EngineEvent }) => {
    try {
      await invoke(name, input, { signal });
    } catch (error) {
      if (!signal.aborted)
        log.warn("a triggered function failed", { function: name, reason: reasonOf(error) });
    }
  };
  const onEvents = async (name: string, heard: AsyncIterable<EngineEvent>) => {
    for await (const event of heard) {
      if (signal.aborted) return;
      if (event.type === "reset") log.warn("a triggered function missed events", { function: name });
      else await call(name, { event });
    }
  };
  const atIntervals = async (name: string, everyMs: number) => {
    while (!signal.aborted) {
      // Rejects with the signal, which is the end.
      await clock.sleep(everyMs, signal).catch(() => {});
      if (!signal.aborted) await call(name, {});
    }
  };

  return {
    start() {
      for (const { function: declared } of functions) {
        const { name, on, everyMs } = declared;
        if (on !== undefined) loops.push(onEvents(name, events.subscribe({ types: on }, { signal })));
        if (everyMs !== undefined) loops.push(atIntervals(name, everyMs));
      }
    },
    async stop() {
      stopping.abort();
      await Promise.all(loops);
    },
  };
};
