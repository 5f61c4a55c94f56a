import type { Layer, StoreUsage } from "../contract/index.ts";
import { usageSince } from "./store-usage.ts";

/** What both layers of a move asked of their stores while it went on, their guest's reads and writes included. */
export type SidesUsage = {
  /** Null where its store charges for nothing. */
  readonly source: StoreUsage | null;
  readonly target: StoreUsage | null;
};

/** Sees what a move costs. The target was opened for it, and is counted from then on. */
export class MoveUsage {
  readonly #source: Layer;
  readonly #target: Layer;
  readonly #before: StoreUsage | undefined;

  constructor(source: Layer, target: Layer) {
    this.#source = source;
    this.#target = target;
    this.#before = source.usage?.();
  }

  /** So far; null where neither store charges for anything. */
  get soFar(): SidesUsage | null {
    const now = this.#source.usage?.();
    const source = this.#before && now ? usageSince(this.#before, now) : null;
    const target = costs(this.#target.usage?.());
    return source || target ? { source, target } : null;
  }
}

const costs = (usage: StoreUsage | undefined): StoreUsage | null => {
  if (usage === undefined) return null;
  const { requests, bytesSent, bytesReceived, price } = usage;
  return { requests, bytesSent, bytesReceived, price };
};
