import type { Dialect } from "kysely";
import type { Capable } from "../capabilities.ts";
import { extensionPoint } from "../extension-point.ts";
import type { Lifecycle } from "../plugin.ts";

/**
 * Opens the database of the control plane. The tables and what is done with them are the engine's; a catalog gives
 * transactions that are serialisable and durable when they resolve, and a lock that dies with its holder.
 * Capabilities: `durable`.
 */
export interface Catalog extends Capable, Lifecycle {
  readonly id: string;
  /** Where a person finds it. */
  readonly location: string;
  /** Valid after `start`. `catalog-damaged`, `catalog-unavailable`. */
  dialect(): Dialect;
  /** Keeps every other engine out until it is released or this process dies; `catalog-locked`. */
  lock(): Promise<{ release(): Promise<void> }>;
}
export const Catalog = extensionPoint<Catalog>("catalog");
