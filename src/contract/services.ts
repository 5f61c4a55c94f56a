import { extensionPoint } from "./extension-point.ts";
import type { JsonObject } from "./json.ts";

/** Writes to the server's log. In a disk thread the lines travel to the control plane. */
export interface Log {
  debug(message: string, data?: Readonly<Record<string, unknown>>): void;
  info(message: string, data?: Readonly<Record<string, unknown>>): void;
  warn(message: string, data?: Readonly<Record<string, unknown>>): void;
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
  counter(name: string, help: string, labels?: readonly string[]): Counter;
  gauge(name: string, help: string, labels?: readonly string[]): Gauge;
}
export interface Counter {
  add(amount: number, labels?: Readonly<Record<string, string>>): void;
}
export interface Gauge {
  set(value: number, labels?: Readonly<Record<string, string>>): void;
}
export const Metrics = extensionPoint<Metrics>("metrics");

/** Something that happened, as subscribers of the engine see it. */
export interface EngineEvent {
  /** `<boot>-<n>`: grows within one run of the server. Progress carries none that can be replayed. */
  readonly id: string;
  /** `noun.past-participle`, such as `disk.switched-over`. */
  readonly type: string;
  readonly at: number;
  readonly job?: string;
  readonly disk?: string;
  readonly data: JsonObject;
}

/** Publishes to the engine's subscribers. Control plane only. */
export interface Events {
  publish(event: { type: string; job?: string; disk?: string; data?: JsonObject }): void;
}
export const Events = extensionPoint<Events>("events");

/** Calls another function by name, with the rights of the server itself. Control plane only. */
export type Invoke = (name: string, input: unknown, options?: { signal?: AbortSignal }) => Promise<unknown>;
export const Invoke = extensionPoint<Invoke>("invoke");
