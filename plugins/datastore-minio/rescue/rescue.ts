import {
  CodedError,
  type Cut,
  type Examination,
  type ExaminedLayer,
  type Layer,
  type LayerRef,
  type Loss,
  type Rescue,
  type RescueCall,
  type Sweep,
} from "pagurus";
import { holdLog } from "../hold.ts";
import { acceptLoss } from "../journal/accept-loss.ts";
import type { JournaledLayer } from "../journal/at-stake.ts";
import type { JournalHome } from "../journal/home.ts";
import type { LayerRecord, LayerRecords } from "../layer-record.ts";
import { checkpointsKey, LAYERS, layerEntryOf, layerKey, logKey, pinsKey } from "../layout.ts";
import type { LineCache } from "../line-cache.ts";
import type { Objects, StoredObject } from "../objects.ts";
import { openReader } from "../open-reader.ts";
import { type Census, censusOf, emptyLog } from "./census.ts";
import { cutLog } from "./cut-log.ts";
import { contentEnd, examineLog, type LogToExamine, recordedOf, type Verifying } from "./examine-log.ts";
import { toldWithJournal, viewJournal } from "./journal-view.ts";
import { type ObjectDamage, remainsOf, unreadableOf } from "./remains.ts";
import { type Orphans, sweepAway } from "./sweep.ts";
import { takeUnused, unknownLayers } from "./unknown-layers.ts";

/** How many strays are told by name. */
const MAX_TOLD = 100;
/** Of a log whose layer is gone nobody knows it: the largest that a layer can have. */
const WIDEST_WINDOW = 64;
const LOG = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export interface MinioRescueOptions {
  /** Of the datastore. */
  readonly id: string;
  readonly objects: Objects;
  /** Refuses a bucket that isn't ours, and makes nothing there. */
  readonly look: () => Promise<unknown>;
  readonly records: LayerRecords;
  readonly cache: LineCache;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Absent: its flushes are answered in the bucket. */
  readonly home?: JournalHome | undefined;
}

/** What can be found out, and mended, from the objects alone. */
export class MinioRescue implements Rescue {
  readonly #options: MinioRescueOptions;

  constructor(options: MinioRescueOptions) {
    this.#options = options;
  }

  async examine(
    { layer, verify }: { readonly layer?: string | undefined; readonly verify: boolean },
    { signal, progress }: RescueCall,
  ): Promise<Examination> {
    const { objects, look } = this.#options;
    await look();
    const census = await censusOf(objects, await this.#prefixes(layer), signal);
    const found = await this.#layersIn(census);
    if (layer !== undefined && found.places.length + found.unreadable.length === 0)
      throw this.#notFound(layer);
    const onBytes = verify ? progressOf(census, progress) : undefined;
    const layers: ExaminedLayer[] = [];
    for (const place of found.places)
      layers.push(
        await this.#examined(place, { signal, onBytes }).catch((error: unknown) => ({
          ...this.#unreadable({ name: place.layer, damage: unreadableOf(error) }),
          ...recordedOf(place),
        })),
      );
    layers.push(...found.unreadable.map((each) => this.#unreadable(each)));
    const strays = strayObjects(census, found);
    return {
      location: objects.location(""),
      layers,
      strays: strays.slice(0, MAX_TOLD).map(({ key }) => objects.location(key)),
      strayObjects: strays.length,
    };
  }

  async #examined(place: LogToExamine, verifying: Verifying): Promise<ExaminedLayer> {
    const examined = await examineLog(place, verifying);
    const record = place.record && (await this.#options.records.find(place.layer));
    return record?.log === place.log
      ? toldWithJournal(examined, this.#journaled(place.layer, record))
      : examined;
  }

  async openRemains(
    layer: string,
    { before, signal }: { readonly before?: number | undefined; readonly signal: AbortSignal },
  ): Promise<Layer> {
    const { objects, cache, look } = this.#options;
    await look();
    const place = await this.#place(layer, signal);
    const remains = await remainsOf(place, before);
    const { map, last, damage } = remains;
    if (last === 0 && damage !== undefined)
      throw new CodedError("layer-unrecoverable", {
        ...this.#ref(layer),
        problem: `${damage.object}: ${damage.problem}`,
      });
    const sizeBytes = place.record?.sizeBytes ?? contentEnd(map);
    const lines = cache.open();
    return openReader({
      ...{ ref: this.#ref(layer), objects, log: place.log, map, lines, sizeBytes, layerBytes: sizeBytes },
    });
  }

  async cut(
    layer: string,
    { cutAt, confirmed }: { readonly cutAt: number; readonly confirmed: boolean },
    { signal, progress }: RescueCall,
  ): Promise<Cut> {
    const { objects, look } = this.#options;
    await look();
    const place = await this.#place(layer, signal);
    const { record } = place;
    if (record === undefined)
      throw this.#cutRefused(layer, cutAt, { problem: "it is no layer's any more", instead: "nothing" });
    const release = await holdLog(objects, place.log);
    if (release === undefined)
      throw new CodedError("layer-in-use", {
        ...this.#ref(layer),
        holder: "another process of this host, or this one",
      });
    try {
      await this.#demandNoJournal(layer, cutAt);
      const onMoved = (share: number) => progress({ phase: "cutting", percent: share * 100 });
      const log = { ...place, sizeBytes: record.sizeBytes };
      const cut = await cutLog(log, { cutAt, confirmed, signal, onMoved });
      if ("problem" in cut) throw this.#cutRefused(layer, cutAt, cut);
      return cut;
    } finally {
      await release();
    }
  }

  /** What only a journal holds can't be replayed after a cut: it is written to the bucket before, or given up. */
  async #demandNoJournal(layer: string, cutAt: number): Promise<void> {
    const record = await this.#options.records.find(layer);
    if (record?.journal === undefined) return;
    const { id: journal, path, host } = record.journal;
    const { reason } = await viewJournal(this.#journaled(layer, record), record.journal);
    throw new CodedError("journal-needed", { ...this.#ref(layer), cutAt, journal, path, host, reason });
  }

  #journaled(layer: string, record: LayerRecord): JournaledLayer {
    const { objects, records, home } = this.#options;
    return { home, objects, records, ref: this.#ref(layer), record };
  }

  async acceptLoss(layer: string, { confirmed }: { readonly confirmed: boolean }): Promise<Loss> {
    const { objects, records, home, look } = this.#options;
    await look();
    return acceptLoss({ ref: this.#ref(layer), objects, records, home }, confirmed);
  }

  async sweep(
    { confirmed, known = [], layer }: Parameters<Rescue["sweep"]>[0],
    { signal }: RescueCall,
  ): Promise<Sweep> {
    const { objects, look, now } = this.#options;
    await look();
    if (layer !== undefined) {
      const { log, record } = await this.#place(layer, signal);
      if (record === undefined) throw this.#notFound(layer);
      return takeUnused({ objects, ref: this.#ref(layer), log }, { confirmed, now, signal });
    }
    const census = await censusOf(objects, [""], signal);
    const { places, orphans, unreadable } = await this.#layersIn(census);
    const [first] = unreadable;
    // What a layer's record doesn't say any more may be what a log without a layer belongs to.
    if (first !== undefined) throw refusedFor(first);
    // A layer that was made while the bucket was listed: what makes it one is there before anything of its log.
    const since = await censusOf(objects, [LAYERS], signal);
    const made = await this.#layersIn(since);
    // What is below them that only a newer release knows may say that others need them.
    const isOurs = (owner: string) => !census.unknown.has(owner);
    const kept = orphans.layers.filter((layer) => !isOurs(layer));
    const named = new Set([
      ...made.places.map(({ log }) => log),
      ...kept.flatMap((layer) => logsNamed(census, layer)),
    ]);
    const logs = orphans.logs.filter((log) => isOurs(log) && !named.has(log));
    const layers = orphans.layers.filter((layer) => isOurs(layer) && !since.layers.has(layer));
    const [unreadableSince] = made.unreadable;
    if (unreadableSince !== undefined) throw refusedFor(unreadableSince);
    const swept = await sweepAway(objects, census, { logs, layers }, { confirmed, signal });
    return { ...swept, ...unknownLayers(places, census, { known, now: now() }) };
  }

  /** What has to be listed for all of the bucket, or for a layer or log of it. */
  async #prefixes(layer: string | undefined): Promise<string[]> {
    if (layer === undefined) return [""];
    const record = LOG.test(layer)
      ? undefined
      : await this.#options.records.find(layer).catch(unlessUnreadable);
    const log = record?.log ?? layer;
    return [layerKey(layer), logKey(log), checkpointsKey(log), pinsKey(log)];
  }

  async #place(layer: string, signal: AbortSignal): Promise<LogToExamine> {
    const census = await censusOf(this.#options.objects, await this.#prefixes(layer), signal);
    const { places, unreadable } = await this.#layersIn(census);
    const [place] = places;
    if (place !== undefined) return place;
    const [damaged] = unreadable;
    throw damaged ? refusedFor(damaged) : this.#notFound(layer);
  }

  async #layersIn(census: Census): Promise<LayersFound> {
    const { objects, records } = this.#options;
    const places: LogToExamine[] = [];
    const unreadable: Unreadable[] = [];
    for (const name of census.layers) {
      const record = await records.find(name).catch((error: unknown) => {
        unreadable.push({ name, damage: unreadableOf(error) });
        return undefined;
      });
      if (record === undefined) continue;
      const { log, window, confirmedThrough } = record;
      const own = census.logs.get(log) ?? emptyLog();
      const facts = { log, window, confirmedThrough };
      const unknown = [name, log].flatMap((owner) => unknownBelow(census, owner));
      places.push({ ...facts, objects, layer: name, census: own, unknown, record: recordOf(record) });
    }
    const known = new Set(places.map(({ log }) => log));
    const logs = [...census.logs.keys()].filter((log) => !known.has(log));
    for (const log of logs) {
      const own = census.logs.get(log) ?? emptyLog();
      const unknown = unknownBelow(census, log);
      places.push({ objects, log, window: WIDEST_WINDOW, layer: log, census: own, unknown });
    }
    const layers = [...census.layerObjects.keys()].filter((layer) => !census.layers.has(layer));
    return { places, orphans: { logs, layers }, unreadable };
  }

  #unreadable({ name: layer, damage: { newer, ...damage } }: Unreadable): ExaminedLayer {
    const location = this.#options.objects.location(LAYERS + layer);
    const about = { layer, sizeBytes: 0, location };
    if (newer) return { ...about, state: "newer", damage: [], facts: { unknown: [damage.object] } };
    return { ...about, state: "damaged", damage: [{ ...damage, ranges: [], bytes: 0 }], facts: {} };
  }

  #ref(layer: string): LayerRef {
    return { datastore: this.#options.id, layer };
  }

  #notFound(layer: string): CodedError {
    return new CodedError("layer-not-found", { ...this.#ref(layer) });
  }

  #cutRefused(layer: string, cutAt: number, refusal: { problem: string; instead: string }): CodedError {
    return new CodedError("cut-refused", { ...this.#ref(layer), cutAt, ...refusal });
  }
}

/** What the keys of a bucket lead to. */
interface LayersFound {
  /** Layers with their logs, and logs without a layer. */
  readonly places: readonly LogToExamine[];
  readonly orphans: Orphans;
  /** Layers whose record can't be read. */
  readonly unreadable: readonly Unreadable[];
}

/** A layer that can't be read, and why. */
interface Unreadable {
  readonly name: string;
  readonly damage: ObjectDamage & { readonly newer: boolean };
}

const refusedFor = ({ damage: { newer, object, problem } }: Unreadable): CodedError =>
  new CodedError(newer ? "object-newer" : "object-damaged", { object, problem });

const unlessUnreadable = (error: unknown): undefined => void unreadableOf(error);

const unknownBelow = ({ unknown }: Census, owner: string): string[] =>
  (unknown.get(owner) ?? []).map(({ key }) => key);

const recordOf = (found: LayerRecord): LogToExamine["record"] => {
  const { sizeBytes, stamp, removed, number, journal, confirmedThrough } = found;
  return {
    ...{ sizeBytes, stamp, removed: removed === true },
    facts: {
      stateNumber: number,
      recordedThrough: confirmedThrough ?? null,
      ...(journal ? { journal: { ...journal, replayedFrom: journal.replayedFrom ?? null } } : {}),
    },
  };
};

/** What is nobody's, states of layers that aren't there, and what is below layers and logs that aren't. */
const strayObjects = (census: Census, { places, orphans }: LayersFound): StoredObject[] => {
  const owners = new Set([...census.layers, ...places.map(({ log }) => log)]);
  const unknown = [...census.unknown]
    .filter(([owner]) => !owners.has(owner))
    .flatMap(([, objects]) => objects);
  const states = orphans.layers.flatMap((layer) => census.layerObjects.get(layer) ?? []);
  return [...census.strays, ...states, ...unknown];
};

/** By the keys of its states. */
const logsNamed = ({ layerObjects }: Census, layer: string): string[] =>
  (layerObjects.get(layer) ?? []).flatMap(({ key }) => layerEntryOf(key)?.state?.log ?? []);

const progressOf = ({ logs }: Census, progress: RescueCall["progress"]) => {
  let total = 0;
  for (const { numbers } of logs.values()) for (const { sizeBytes } of numbers.values()) total += sizeBytes;
  let done = 0;
  return (bytes: number) => {
    done += bytes;
    progress({ phase: "verifying", percent: (done / total) * 100, bytesVerified: done, totalBytes: total });
  };
};
