import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { CodedError, type LayerSpec, z } from "pagurus";
import { damagedObject, newerObject, unlessDamaged } from "./fetch-index.ts";
import {
  checkpointsKey,
  LAYERS,
  layerEntryOf,
  layerKey,
  logKey,
  madeKey,
  pinsKey,
  stateKey,
} from "./layout.ts";
import type { Objects } from "./objects.ts";
import { decodeRecord, encodeRecord } from "./record-object.ts";

const StampSchema = z.strictObject({
  disk: z.string(),
  epoch: z.int().min(0),
  state: z.enum(["owner", "target", "former"]),
});

/** The journal that holds what was flushed and the bucket may lack. */
const NamedJournal = z.strictObject({
  id: z.uuid(),
  /** Of the writer that writes there. */
  nonce: z.string(),
  /** Milliseconds since the epoch: when it began to. */
  since: z.number(),
  /** The number of the segment from which it is being replayed. */
  replayedFrom: z.int().optional(),
  /** For people: where it was, and how much it may hold. */
  host: z.string(),
  path: z.string(),
  maxLossBytes: z.number(),
  maxLossSeconds: z.number(),
});
export type NamedJournal = z.output<typeof NamedJournal>;

const Changeable = {
  sizeBytes: z.int().min(512),
  stamp: StampSchema,
  journal: NamedJournal.optional(),
  /** Its removal has begun: parts of its log may be gone. */
  removed: z.literal(true).optional(),
  /** A writer knew that the bucket had its log through that number: one that ends before it has lost something. */
  confirmedThrough: z.int().min(1).optional(),
};
const Made = z.strictObject({ version: z.literal(1), log: z.uuid(), window: z.int().min(1), ...Changeable });
const State = z.strictObject(Changeable);

/** What a layer is, without its bytes. */
export type LayerRecord = z.output<typeof Made> & {
  /** Of its state: each change has the next; 0 as it was made. */
  readonly number: number;
};

/** How far the bucket has a log, as its writer knows. */
export interface Reached {
  readonly log: string;
  readonly number: number;
}

/** What is to be replaced; `reached` counts where it is of the layer's log and higher than what is known. */
type Change = Partial<Pick<LayerRecord, "sizeBytes" | "stamp" | "removed" | "journal">> & {
  readonly reached?: Reached | undefined;
};

/** How many records are read at once for a list. */
const READ_AT_ONCE = 32;

/** How often a change that met another's is tried again. */
const MAX_CHANGES = 100;

/**
 * The records of a bucket's layers. A record is never overwritten: what changes it is the object with the next number,
 * made only if nobody else has made it. Crashes between two requests leave an older state beside the newest, which
 * rules, or a state without its layer, which counts for nothing.
 */
export class LayerRecords {
  readonly #objects: Objects;

  constructor(objects: Objects) {
    this.#objects = objects;
  }

  /** `layer-exists` is answered with false. */
  async make({ layer, sizeBytes, stamp }: LayerSpec, window: number): Promise<boolean> {
    const record = { version: 1, log: randomUUID(), window, sizeBytes, stamp };
    const key = madeKey(layer);
    if ((await this.#objects.put(key, [encodeRecord(key, record)])) === "made") return true;
    // Unless it is our own, whose answer was lost.
    return (await this.#made(layer))?.log === record.log;
  }

  /** Undefined where there is no such layer. `object-damaged`, `object-newer`. */
  async find(layer: string): Promise<LayerRecord | undefined> {
    for (;;) {
      const made = await this.#made(layer);
      if (made === undefined) return undefined;
      const number = Math.max(0, ...(await this.#numbers(layer, made.log)));
      if (number === 0) return { ...made, number };
      const state = await this.#read(stateKey(layer, made.log, number), State);
      // Another has changed it meanwhile, and tidied up.
      if (state !== undefined) return { ...made, ...state, number };
    }
  }

  /** Replaces parts of the record, durably. False where there is no such layer, or it isn't one to be changed. */
  async change(
    layer: string,
    { reached, ...change }: Change,
    where: (found: LayerRecord) => boolean = () => true,
  ): Promise<boolean> {
    for (let tried = 0; tried < MAX_CHANGES; tried++) {
      const found = await this.find(layer);
      if (found === undefined || !where(found)) return false;
      const { sizeBytes, stamp, removed, journal } = { ...found, ...change };
      const confirmedThrough = knownThrough(found, reached);
      const state = {
        ...{ sizeBytes, stamp },
        ...(removed && { removed }),
        ...(journal && { journal }),
        ...(confirmedThrough > 0 && { confirmedThrough }),
      };
      const number = found.number + 1;
      const key = stateKey(layer, found.log, number);
      const bytes = encodeRecord(key, state);
      const mine =
        (await this.#objects.put(key, [bytes])) === "made" || (await this.#objects.get(key))?.equals(bytes);
      if (!mine) continue;
      // One that came late may have found a number free again that others have left behind: it doesn't count.
      const numbers = await this.#numbers(layer, found.log);
      if (numbers.some((other) => other > number)) {
        const newest = await this.find(layer);
        if (newest !== undefined && has(newest, change) && knows(newest, reached)) return true;
        continue;
      }
      const older = numbers.filter((other) => other < number);
      await this.#objects.remove(older.map((other) => stateKey(layer, found.log, other)));
      return true;
    }
    throw new CodedError("object-contended", { object: this.#objects.location(layerKey(layer)) });
  }

  /**
   * The logs that are surely the layer's: one, or where its record is damaged those that keys name, which may be none;
   * undefined where there is no such layer.
   */
  async logsOf(layer: string): Promise<readonly string[] | undefined> {
    try {
      const made = await this.#made(layer);
      return made && [made.log];
    } catch (error) {
      if (!CodedError.is(error, "object-damaged")) throw error;
      const logs = (await this.#keys(layerKey(layer))).map((key) => layerEntryOf(key)?.state?.log);
      return [...new Set(logs.filter((log) => log !== undefined))];
    }
  }

  /**
   * Removes it with its logs: says first that it is being removed, and ends with what makes it a layer. The log of a
   * damaged one that no key names stays, and is nobody's. One that is newer is left alone: `object-newer`.
   */
  async remove(layer: string): Promise<void> {
    await this.#refuseNewer(layer);
    const logs = await this.logsOf(layer);
    if (logs !== undefined) {
      const prefixes = logs.flatMap((log) => [logKey(log), checkpointsKey(log)]);
      const keys = await Promise.all(prefixes.map((prefix) => this.#keys(prefix)));
      // Without a log it loses nothing before it is gone.
      if (keys.flat().length > 0) {
        await this.#sayRemoved(layer);
        for (const prefix of prefixes) await this.#objects.remove(await this.#keys(prefix));
      }
      await this.#objects.remove([madeKey(layer)]);
    }
    // What is left of former layers of the name; it may have been made anew by now.
    const left = (await this.#keys(layerKey(layer))).filter((key) => layerEntryOf(key)?.state !== undefined);
    const log = (await this.#made(layer))?.log;
    await this.#objects.remove(left.filter((key) => layerEntryOf(key)?.state?.log !== log));
  }

  /** What is damaged may hide that it is newer; then its states say so, and what is pinned. */
  async #refuseNewer(layer: string): Promise<void> {
    const found = await this.find(layer).catch(unlessDamaged);
    const logs = found ? [found.log] : await this.logsOf(layer);
    for (const log of logs ?? []) {
      for (const number of found ? [] : await this.#numbers(layer, log))
        await this.#read(stateKey(layer, log, number), State).catch(unlessDamaged);
      for (const key of await this.#keys(pinsKey(log)))
        throw newerObject(this.#objects, key, "something is built on that log");
    }
  }

  /** What is damaged is opened by nobody as it is. */
  async #sayRemoved(layer: string): Promise<void> {
    const found = await this.find(layer).catch(unlessDamaged);
    if (found !== undefined && !found.removed) await this.change(layer, { removed: true });
  }

  /** All layers, in the order of their keys: one request for many of them, and one or two for each. */
  async *all(): AsyncIterable<ListedRecord> {
    let listed: Listed[] = [];
    for await (const each of this.#listed()) {
      listed.push(each);
      if (listed.length < READ_AT_ONCE) continue;
      yield* await this.#readAll(listed);
      listed = [];
    }
    yield* await this.#readAll(listed);
  }

  async *#listed(): AsyncIterable<Listed> {
    let last = "";
    let numbers = new Map<string, number>();
    for await (const { key } of this.#objects.list(LAYERS)) {
      const entry = layerEntryOf(key);
      if (entry === undefined) continue;
      const { layer, state } = entry;
      if (layer !== last) numbers = new Map();
      last = layer;
      // The states of a layer come before what makes it one, the newest last.
      if (state === undefined) yield { layer, numbers };
      else numbers.set(state.log, state.number);
    }
  }

  async #readAll(listed: readonly Listed[]): Promise<ListedRecord[]> {
    const found = await Promise.all(listed.map((each) => this.#recordOrDamage(each)));
    return found.flatMap((record, index) => {
      const { layer = "" } = listed[index] ?? {};
      return record === undefined ? [] : [{ layer, record }];
    });
  }

  async #recordOrDamage(listed: Listed): Promise<LayerRecord | CodedError | undefined> {
    try {
      return await this.#readListed(listed);
    } catch (error) {
      if (CodedError.is(error, "object-damaged") || CodedError.is(error, "object-newer")) return error;
      throw error;
    }
  }

  async #readListed({ layer, numbers }: Listed): Promise<LayerRecord | undefined> {
    const made = await this.#made(layer);
    const number = made && numbers.get(made.log);
    if (made === undefined || number === undefined) return made && { ...made, number: 0 };
    const state = await this.#read(stateKey(layer, made.log, number), State);
    return state === undefined ? this.find(layer) : { ...made, ...state, number };
  }

  async #numbers(layer: string, log: string): Promise<number[]> {
    const numbers: number[] = [];
    for await (const { key } of this.#objects.list(`${layerKey(layer)}${log}.`)) {
      const state = layerEntryOf(key)?.state;
      if (state !== undefined) numbers.push(state.number);
    }
    return numbers;
  }

  #made(layer: string): Promise<z.output<typeof Made> | undefined> {
    return this.#read(madeKey(layer), Made);
  }

  async #read<T>(key: string, schema: z.ZodType<T>): Promise<T | undefined> {
    const bytes = await this.#objects.get(key);
    if (bytes === undefined) return undefined;
    const record = decodeRecord(key, bytes);
    if (record === undefined) throw damagedObject(this.#objects, key, "it doesn't have its checksum");
    const parsed = schema.safeParse(record);
    if (parsed.success) return parsed.data;
    // Its checksum is right: it is as somebody made it who knew more.
    throw newerObject(this.#objects, key, z.prettifyError(parsed.error));
  }

  async #keys(prefix: string): Promise<string[]> {
    const keys: string[] = [];
    for await (const { key } of this.#objects.list(prefix)) keys.push(key);
    return keys;
  }
}

interface ListedRecord {
  readonly layer: string;
  /** Why it can't be read, where it is damaged or newer: `object-damaged`, `object-newer`. */
  readonly record: LayerRecord | CodedError;
}

/** A layer as a list of keys shows it. */
interface Listed {
  readonly layer: string;
  /** The number of its newest state, by log. */
  readonly numbers: ReadonlyMap<string, number>;
}

/** Whether a change is in the record, made by whoever. */
const has = (record: LayerRecord, change: Partial<LayerRecord>): boolean =>
  Object.entries(change).every(([name, value]) =>
    isDeepStrictEqual(record[name as keyof LayerRecord], value),
  );

const knownThrough = (found: LayerRecord, reached: Reached | undefined): number =>
  Math.max(found.confirmedThrough ?? 0, reached?.log === found.log ? reached.number : 0);

const knows = (found: LayerRecord, reached: Reached | undefined): boolean =>
  knownThrough(found, reached) === (found.confirmedThrough ?? 0);
