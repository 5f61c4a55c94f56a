import type { Dialect } from "kysely";
import type { Capable } from "../capabilities.ts";
import { extensionPoint } from "../extension-point.ts";
import type { Lifecycle } from "../plugin.ts";

/**
 * Opens the database of the control plane. The tables and what is done with them are the engine's: a catalog has none
 * of its own, hides none and changes nothing in them. It gives transactions that are serialisable without being asked
 * to be and durable when they resolve, those that make tables too, and a lock that dies with its holder. One of two
 * transactions that meet may wait or be refused; it is then tried again.
 * Capabilities: `durable`, without which no server opens it.
 */
export interface Catalog extends Capable, Lifecycle {
  readonly id: string;
  /** Where a person finds it. */
  readonly location: string;
  /**
   * For one user at a time. Valid between `start` and `stop`, before and after which it is `catalog-unavailable`. What
   * is damaged is `catalog-damaged` at `start`, and left as it is; a place that is missing is never made.
   */
  dialect(): Dialect;
  /**
   * Keeps every other engine out, also one of this process, until it is released or stopped or this process dies;
   * `catalog-locked`. Released again it does nothing.
   */
  lock(): Promise<{ release(): Promise<void> }>;
}
export const Catalog = extensionPoint<Catalog>("catalog");
