import { CodedError, type LayerRef, type Sweep, type UnknownLayer } from "pagurus";
import { holdLog } from "../hold.ts";
import { checkpointsKey, layerKey, logKey, madeKey, pinsKey } from "../layout.ts";
import type { Objects, StoredObject } from "../objects.ts";
import type { Census } from "./census.ts";
import type { LogToExamine } from "./examine-log.ts";

/**
 * So long a layer to which nothing was written is left alone: somebody may be about to open it. What a request that was
 * long on its way has made of one that was given up is nobody's all the while.
 */
const LEAST_AGE_MS = 24 * 60 * 60 * 1000;
/** How many are told by name. */
const MAX_TOLD = 100;

/** Those of the bucket that aren't `known`: another server's, or nobody's. */
export const unknownLayers = (
  places: readonly LogToExamine[],
  { layerObjects }: Census,
  { known, now }: { readonly known: readonly string[]; readonly now: number },
): Pick<Sweep, "unknown" | "unknownLayers"> => {
  const names = new Set(known);
  const found = places.flatMap((place): UnknownLayer[] => {
    const { layer, record, census, unknown } = place;
    if (record === undefined || names.has(layer)) return [];
    const content = [...census.numbers.values(), ...census.checkpointObjects.map(({ object }) => object)];
    const all = [...(layerObjects.get(layer) ?? []), ...content];
    const changedAt = newestOf(all);
    const kept = keptBecause({ layer, others: all.length - 1 + unknown.length, changedAt, now });
    const { sizeBytes, stamp } = record;
    return [
      {
        ...{ layer, sizeBytes, stamp: { ...stamp }, storedBytes: bytesOf(content) },
        changedAt: new Date(changedAt).toISOString(),
        ...(kept !== undefined && { kept }),
      },
    ];
  });
  return { unknown: found.slice(0, MAX_TOLD), unknownLayers: found.length };
};

const newestOf = (objects: readonly StoredObject[]): number =>
  objects.reduce((latest, { modifiedAt }) => Math.max(latest, modifiedAt), 0);

const bytesOf = (objects: readonly StoredObject[]): number =>
  objects.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);

interface Candidate {
  readonly layer: string;
  /** Objects beside the one that makes it a layer. */
  readonly others: number;
  readonly changedAt: number;
  readonly now: number;
}

/** Whoever opens a layer for writing puts a fence into its log, and whoever has a disk move to it another stamp. */
const keptBecause = ({ layer, others, changedAt, now }: Candidate): string | undefined => {
  if (others > 0)
    return `it has been in use: ${others} ${others > 1 ? "objects" : "object"} beside ${madeKey(layer)}`;
  if (now - changedAt < LEAST_AGE_MS)
    return `it was made at ${new Date(changedAt).toISOString()}, less than a day ago: somebody may be about to use it`;
  return undefined;
};

export interface LayerToTake {
  readonly objects: Objects;
  readonly ref: LayerRef;
  readonly log: string;
}

/** Removes a layer to which nothing was ever written. `sweep-refused`, `layer-in-use`. */
export const takeUnused = async (
  { objects, ref, log }: LayerToTake,
  {
    confirmed,
    now,
    signal,
  }: { readonly confirmed: boolean; readonly now: () => number; readonly signal: AbortSignal },
): Promise<Sweep> => {
  const { layer } = ref;
  const release = await holdLog(objects, log);
  if (release === undefined)
    throw new CodedError("layer-in-use", { ...ref, holder: "another process of this host, or this one" });
  try {
    const found: StoredObject[] = [];
    // Its log last: there whoever opens it begins.
    for (const prefix of [layerKey(layer), pinsKey(log), checkpointsKey(log), logKey(log)])
      for await (const object of objects.list(prefix, { signal })) found.push(object);
    const changedAt = newestOf(found);
    const problem = keptBecause({ layer, others: found.length - 1, changedAt, now: now() });
    if (problem !== undefined) throw new CodedError("sweep-refused", { ...ref, problem });
    if (confirmed) await objects.remove([madeKey(layer)], { signal });
    return {
      ...{ done: confirmed, objects: found.length, of: [layer], unknown: [], unknownLayers: 0 },
      bytes: bytesOf(found),
    };
  } finally {
    await release();
  }
};
