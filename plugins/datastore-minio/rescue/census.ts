import { MARKER } from "../bucket.ts";
import { PROBES } from "../conditional-put.ts";
import {
  type CheckpointName,
  checkpointNumberOf,
  checkpointOf,
  LOST,
  layerEntryOf,
  numberOf,
  ownerOf,
} from "../layout.ts";
import type { Objects, StoredObject } from "../objects.ts";

/** The objects of one log. */
export interface LogCensus {
  /** In order. */
  readonly numbers: Map<number, StoredObject>;
  readonly checkpoints: CheckpointName[];
  /** Those of checkpoints, in parts too. */
  readonly checkpointObjects: { readonly number: number; readonly object: StoredObject }[];
}

/** What a list of the bucket shows. */
export interface Census {
  /** Names of layers with what makes them layers. */
  readonly layers: Set<string>;
  /** Objects below the names of layers, made or not. */
  readonly layerObjects: Map<string, StoredObject[]>;
  readonly logs: Map<string, LogCensus>;
  /** What repairs have put aside. */
  readonly aside: StoredObject[];
  /** What this release doesn't know, by the layer or log that it is below, be there such a one or not. */
  readonly unknown: Map<string, StoredObject[]>;
  /** What is below no layer or log. */
  readonly strays: StoredObject[];
}

export const emptyLog = (): LogCensus => ({ numbers: new Map(), checkpoints: [], checkpointObjects: [] });

/** Of everything whose key begins with one of these. */
export const censusOf = async (
  objects: Objects,
  prefixes: readonly string[],
  signal: AbortSignal,
): Promise<Census> => {
  const census: Census = {
    layers: new Set(),
    layerObjects: new Map(),
    logs: new Map(),
    aside: [],
    unknown: new Map(),
    strays: [],
  };
  for (const prefix of prefixes)
    for await (const object of objects.list(prefix, { signal }))
      if (!count(census, object)) census.strays.push(object);
  return census;
};

/** False where it is none of ours. */
const count = (census: Census, object: StoredObject): boolean => {
  const { key } = object;
  if (key === MARKER || key.startsWith(PROBES)) return true;
  if (key.startsWith(LOST)) return census.aside.push(object) > 0;
  const entry = layerEntryOf(key);
  if (entry !== undefined) {
    census.layerObjects.set(entry.layer, [...(census.layerObjects.get(entry.layer) ?? []), object]);
    if (entry.state === undefined) census.layers.add(entry.layer);
    return true;
  }
  const [, kind, log] = /^(logs|checkpoints)\/([0-9a-f-]{36})\/[^/]+$/.exec(key) ?? [];
  const number = kind === "logs" ? numberOf(key) : checkpointNumberOf(key);
  if (log === undefined || number === undefined) {
    const owner = ownerOf(key);
    if (owner === undefined) return false;
    return census.unknown.set(owner, [...(census.unknown.get(owner) ?? []), object]).size > 0;
  }
  const found = census.logs.get(log) ?? emptyLog();
  census.logs.set(log, found);
  if (kind === "logs") found.numbers.set(number, object);
  else {
    found.checkpointObjects.push({ number, object });
    const name = checkpointOf(key);
    if (name !== undefined) found.checkpoints.push(name);
  }
  return true;
};
