import type { Sweep } from "pagurus";
import type { Objects, StoredObject } from "../objects.ts";
import type { Census } from "./census.ts";

/** How much of what is swept is told by name. */
const MAX_TOLD = 100;
const REMOVED_AT_ONCE = 1000;

/** What a sweep takes: logs that no layer names, and what belonged to layers that aren't there. */
export interface Orphans {
  readonly logs: readonly string[];
  readonly layers: readonly string[];
}

export const sweepAway = async (
  objects: Objects,
  census: Census,
  orphans: Orphans,
  { confirmed, signal }: { readonly confirmed: boolean; readonly signal: AbortSignal },
): Promise<Omit<Sweep, "unknown" | "unknownLayers">> => {
  const found = [
    ...orphans.logs.flatMap((log) => objectsOf(census, log)),
    ...orphans.layers.flatMap((layer) => census.layerObjects.get(layer) ?? []),
  ];
  const keys = found.map(({ key }) => key);
  for (let at = 0; confirmed && at < keys.length; at += REMOVED_AT_ONCE)
    await objects.remove(keys.slice(at, at + REMOVED_AT_ONCE), { signal });
  return {
    done: confirmed,
    objects: found.length,
    bytes: found.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    of: [...orphans.logs, ...orphans.layers].slice(0, MAX_TOLD),
  };
};

const objectsOf = ({ logs }: Census, log: string): StoredObject[] => {
  const found = logs.get(log);
  return [
    ...(found?.numbers.values() ?? []),
    ...(found?.checkpointObjects.map(({ object }) => object) ?? []),
  ];
};
