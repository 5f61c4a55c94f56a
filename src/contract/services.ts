import { extensionPoint } from "./extension-point.ts";
import type { JsonObject } from "./json.ts";

/**
 * Writes to the server's log. In a disk thread the lines travel to the control plane. Never waits and never fails;
 * `data` is JSON, without secrets.
 */
export interface Log {
  /** What only somebody who looks for a fault wants to read. */
  debug(message: string, data?: Readonly<Record<string, unknown>>): void;
  /** What an operator may want to know afterwards. */
  info(message: string, data?: Readonly<Record<string, unknown>>): void;
  /** What went wrong and was got over, or is tried again. */
  warn(message: string, data?: Readonly<Record<string, unknown>>): void;
  /** What stays wrong until somebody does something; failures of tasks are thrown instead. */
  error(message: string, data?: Readonly<Record<string, unknown>>): void;
}
export const Log = extensionPoint<Log>("log");

/** Time, given so that tests can hold it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Milliseconds on a clock that never goes back; its origin is arbitrary, its resolution under a microsecond. */
  monotonicMs(): number;
  /** Resolves after `ms`, or rejects with the signal's reason. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `then` once after `ms`; the answer cancels it. */
  after(ms: number, then: () => void): () => void;
}
export const Clock = extensionPoint<Clock>("clock");

/** Counts and measures, shown at `/metrics`. Names are in Prometheus' style, with their unit. */
export interface Metrics {
  /** A count that only grows. The same name again answers the same one. */
  counter(name: string, help: string, labels?: readonly string[]): Counter;
  /** A measure that goes up and down. The same name again answers the same one. */
  gauge(name: string, help: string, labels?: readonly string[]): Gauge;
}
/** One count for each combination of labels; those of all threads are added up. */
export interface Counter {
  /** `amount` is not negative. */
  add(amount: number, labels?: Readonly<Record<string, string>>): void;
}
/** One measure for each combination of labels; those of all threads are added up. */
export interface Gauge {
  /** Replaces what this thread measured before. */
  set(value: number, labels?: Readonly<Record<string, string>>): void;
}
export const Metrics = extensionPoint<Metrics>("metrics");

/** Something that happened, as subscribers of the engine see it. */
export interface EngineEvent {
  /** `<boot>-<n>`: grows within one run of the server. Progress carries none that can be replayed. */
  readonly id: string;
  /** `noun.past-participle`, such as `disk.switched-over`. */
  readonly type: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly job?: string;
  readonly disk?: string;
  readonly data: JsonObject;
}

/** Publishes to the engine's subscribers. Control plane only. */
export interface Events {
  /**
   * Never waits and never fails. Subscribers hear events in this order; `job.progressed` may be left out for whoever
   * is slow. Nothing is durable: what must be known after a crash is in a job or in the catalog.
   */
  publish(event: { type: string; job?: string; disk?: string; data?: JsonObject }): void;
}
export const Events = extensionPoint<Events>("events");

/**
 * Calls another function by name, with the rights of the server itself, and answers its output; of a job, its row as
 * it began. Control plane only, and not before the engine has started (`function-unavailable`). Rejects as
 * `Engine.invoke` does.
 */
export type Invoke = (name: string, input: unknown, options?: { signal?: AbortSignal }) => Promise<unknown>;
export const Invoke = extensionPoint<Invoke>("invoke");
