import type { Discovered } from "./discover.ts";
import { pointName } from "./planes.ts";

/** A plugin as it describes itself, whether it is in use or not. */
export interface DescribedPlugin {
  readonly id: string;
  readonly summary: string;
  /** `built-in`, or how the configuration names it. */
  readonly origin: string;
  readonly points: readonly string[];
  readonly functions: readonly string[];
}

export const describe = ({ plugin, origin }: Discovered): DescribedPlugin => ({
  id: plugin.id,
  summary: plugin.summary,
  origin,
  points: (plugin.provides ?? []).map(pointName),
  functions: (plugin.functions ?? []).map(({ name }) => name),
});
