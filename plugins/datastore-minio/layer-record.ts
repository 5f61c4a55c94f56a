import { randomUUID } from "node:crypto";
import { CodedError, type LayerSpec, z } from "pagurus";
import { damagedObject } from "./fetch-index.ts";
import { checkpointsKey, LAYERS, layerEntryOf, layerKey, logKey, madeKey, stateKey } from "./layout.ts";
import type { Objects } from "./objects.ts";

const StampSchema = z.strictObject({
  disk: z.string(),
  epoch: z.int().min(0),
  state: z.enum(["owner", "target", "former"]),
});

const Changeable = {
  sizeBytes: z.int().min(512),
  stamp: StampSchema,
  /** Its removal has begun: parts of its log may be gone. */
  removed: z.literal(true).optional(),
};
const Made = z.strictObject({ version: z.literal(1), log: z.uuid(), window: z.int().min(1), ...Changeable });
const State = z.strictObject(Changeable);

/** What a layer is, without its bytes. */
export type LayerRecord = z.output<typeof Made> & {
  /** Of its state: each change has the next; 0 as it was made. */
  readonly number: number;
};

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
    if ((await this.#objects.put(key, [bytesOf(record)])) === "made") return true;
    // Unless it is our own, whose answer was lost.
    return (await this.#made(layer))?.log === record.log;
  }

  /** Undefined where there is no such layer. `object-damaged`. */
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

  /** Replaces parts of the record, durably. False where there is no such layer. */
  async change(
    layer: string,
    change: Partial<Pick<LayerRecord, "sizeBytes" | "stamp" | "removed">>,
  ): Promise<boolean> {
    for (let tried = 0; tried < MAX_CHANGES; tried++) {
      const found = await this.find(layer);
      if (found === undefined) return false;
      const { sizeBytes, stamp, removed } = { ...found, ...change };
      const state = { sizeBytes, stamp, ...(removed ? { removed } : {}) };
      const number = found.number + 1;
      const key = stateKey(layer, found.log, number);
      const bytes = bytesOf(state);
      const mine =
        (await this.#objects.put(key, [bytes])) === "made" || (await this.#objects.get(key))?.equals(bytes);
      if (!mine) continue;
      // One that came late may have found a number free again that others have left behind: it doesn't count.
      const numbers = await this.#numbers(layer, found.log);
      if (numbers.some((other) => other > number)) continue;
      const older = numbers.filter((other) => other < number);
      await this.#objects.remove(older.map((other) => stateKey(layer, found.log, other)));
      return true;
    }
    throw new CodedError("object-contended", { object: this.#objects.location(layerKey(layer)) });
  }

  /** Removes it with its log: says first that it is being removed, and ends with what makes it a layer. */
  async remove(layer: string): Promise<void> {
    const found = await this.find(layer);
    if (found !== undefined) {
      if (!found.removed) await this.change(layer, { removed: true });
      for (const prefix of [logKey(found.log), checkpointsKey(found.log)]) await this.#clear(prefix);
      await this.#objects.remove([madeKey(layer)]);
    }
    await this.#clear(layerKey(layer));
  }

  /** The names of all layers, in the order of their keys. */
  async *names(): AsyncIterable<string> {
    for await (const { key } of this.#objects.list(LAYERS)) {
      const entry = layerEntryOf(key);
      if (entry !== undefined && entry.state === undefined) yield entry.layer;
    }
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
    const parsed = schema.safeParse(jsonOf(bytes));
    if (parsed.success) return parsed.data;
    throw damagedObject(this.#objects, key, z.prettifyError(parsed.error));
  }

  async #clear(prefix: string): Promise<void> {
    const keys: string[] = [];
    for await (const { key } of this.#objects.list(prefix)) keys.push(key);
    await this.#objects.remove(keys);
  }
}

const bytesOf = (record: object): Buffer => Buffer.from(JSON.stringify(record));

const jsonOf = (bytes: Buffer): unknown => {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return undefined;
  }
};
