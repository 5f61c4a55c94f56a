import { setImmediate } from "node:timers/promises";
import type { Layer } from "pagurus";
import { expect, test } from "vitest";
import { BLOCK_BYTES } from "./cell.ts";
import { contentOf, datastoreOver, LAYER, newLayer } from "./testing/log-under-test.ts";
import { MemoryObjects, type Requested } from "./testing/memory-objects.ts";

const BLOCKS = 48;
const HOT_BLOCKS = 8;
const SIZE = BLOCKS * BLOCK_BYTES;

const turns = async (count = 20) => {
  for (let turn = 0; turn < count; turn++) await setImmediate();
};

/** Another process's view of the same bucket. */
class Elsewhere extends MemoryObjects {
  constructor({ objects }: MemoryObjects) {
    super();
    this.objects = objects;
  }

  override location(key: string): string {
    return `elsewhere:${key}`;
  }
}

/** The steps of a writer and its collector, the last of which say in the layer's record how far the bucket has the log. */
const steps = [
  "put logs",
  "get logs",
  "remove logs",
  "put checkpoints",
  "list checkpoints",
  "remove checkpoints",
  "get layers",
  "list layers",
  "put layers",
  "remove layers",
];
const happenings = ["the guest goes on", "another host takes over", "it is killed"] as const;
const cases = steps.flatMap((step) => happenings.map((meanwhile) => ({ step, meanwhile })));
/** It is held when it has done the step so often. */
const timesBefore = [0, 1, 2, 5];
const stepOf = ({ kind, key }: Requested): string => `${kind} ${key.split("/")[0]}`;

/** Writes a few blocks often and others seldom, each write its own number: segments are seldom all dead or all live. */
class Guest {
  /** What each block was filled with, after each write. */
  readonly #states: Uint8Array[];
  #flushed = 0;
  #nr = 0;

  constructor(found: Uint8Array = new Uint8Array(BLOCKS)) {
    this.#states = [found];
  }

  /** What each block is filled with now. */
  get written(): Uint8Array {
    return this.#states.at(-1) ?? new Uint8Array(BLOCKS);
  }

  async write(layer: Layer, writes: number): Promise<void> {
    for (let turn = 0; turn < writes; turn++, this.#nr++) {
      const block = this.#nr % 6 === 0 ? (this.#nr / 6) % BLOCKS : (this.#nr * 31) % HOT_BLOCKS;
      const fill = (this.#nr % 250) + 1;
      this.#states.push(this.written.with(block, fill));
      await layer.write(block * BLOCK_BYTES, Buffer.alloc(BLOCK_BYTES, fill));
    }
  }

  async flush(layer: Layer): Promise<void> {
    const then = this.#states.length - 1;
    await layer.flush();
    this.#flushed = then;
  }

  /** Goes on from what a crash or a takeover has left, which must be some first writes, with all that was flushed. */
  goOnFrom(found: Uint8Array): void {
    const last = this.#states.findLastIndex((state) => Buffer.compare(state, found) === 0);
    expect(last).toBeGreaterThanOrEqual(this.#flushed);
    this.#states.splice(last + 1);
  }
}

const blocksOf = async (layer: Layer): Promise<Uint8Array> => {
  const content = await contentOf(layer);
  return Uint8Array.from({ length: BLOCKS }, (_, block) => content[block * BLOCK_BYTES] ?? 0);
};

test.each(cases)(
  "a collector whose “$step” comes late, as $meanwhile, loses nothing",
  async ({ step, meanwhile }) => {
    for (const before of timesBefore) {
      const objects = new MemoryObjects();
      const guest = new Guest();
      const layer = await newLayer(datastoreOver(objects), SIZE);
      let left = before;
      let release: (() => void) | undefined;
      let dead = false;
      objects.before = (request) => {
        if (dead && steps.includes(stepOf(request))) return new Promise(() => undefined);
        if (release !== undefined || stepOf(request) !== step || left-- > 0) return;
        return new Promise((resolve) => {
          release = resolve;
        });
      };
      let flushing = Promise.resolve();
      for (let round = 0; round < 400 && release === undefined; round++) {
        await guest.write(layer, 3);
        flushing = guest.flush(layer);
        await Promise.race([flushing, turns(200)]);
        await turns();
      }
      expect(release, `it was held at the ${before + 1}th`).toBeDefined();
      await guest.write(layer, 20);
      flushing.catch(() => undefined);

      if (meanwhile === "the guest goes on") {
        release?.();
        await flushing;
        await guest.flush(layer);
        await layer.close();
      } else {
        dead = meanwhile === "it is killed";
        const elsewhere = new Elsewhere(objects);
        const second = await datastoreOver(elsewhere).open(LAYER, { sizeBytes: SIZE });
        guest.goOnFrom(await blocksOf(second));
        await guest.write(second, 20);
        await guest.flush(second);
        release?.();
        await turns();
        await guest.write(second, 60);
        await guest.flush(second);
        expect(await blocksOf(second)).toEqual(guest.written);
        await second.close();
      }
      const last = await datastoreOver(new Elsewhere(objects)).open(LAYER, { sizeBytes: SIZE });
      expect(await blocksOf(last)).toEqual(guest.written);
      await last.close();
      if (meanwhile === "another host takes over") await layer.close();
    }
  },
);

test("an object that was deleted and comes once more, by a request that was long on its way, changes nothing", async () => {
  const objects = new MemoryObjects();
  const guest = new Guest();
  const layer = await newLayer(datastoreOver(objects), SIZE);
  const deleted = new Map<string, Buffer>();
  objects.before = ({ kind, key }) => {
    const bytes = objects.objects.get(key);
    if (kind === "remove" && bytes !== undefined) deleted.set(key, bytes);
  };
  for (let round = 0; round < 100; round++) {
    await guest.write(layer, 5);
    await guest.flush(layer);
  }
  await layer.close();
  const again = [...deleted].filter(([key]) => /^(logs|checkpoints)\//.test(key));
  expect(again.length).toBeGreaterThan(20);
  const sound = new Map(objects.objects);
  for (const late of [...again.map((one) => [one]), again]) {
    const bucket = new MemoryObjects(new Map([...sound, ...late]));
    const datastore = datastoreOver(bucket);
    const reopened = await datastore.open(LAYER, { sizeBytes: SIZE });
    expect(await blocksOf(reopened)).toEqual(guest.written);
    const next = new Guest(guest.written);
    for (let round = 0; round < 20; round++) {
      await next.write(reopened, 5);
      await next.flush(reopened);
    }
    await reopened.close();
    const last = await datastore.open(LAYER, { sizeBytes: SIZE });
    expect(await blocksOf(last)).toEqual(next.written);
    await last.close();
    await datastore.remove(LAYER);
    expect([...bucket.objects.keys()]).toEqual([]);
  }
});
