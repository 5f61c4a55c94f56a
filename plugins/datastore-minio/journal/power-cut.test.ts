import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import { CodedError, type Layer, reasonOf } from "pagurus";
import { FakeClock } from "pagurus/testing";
import { expect, test } from "vitest";
import { busyUpkeep, contentOf, datastoreOver, LAYER, stamp } from "../testing/log-under-test.ts";
import { MemoryObjects } from "../testing/memory-objects.ts";
import { SlowBucket } from "../testing/slow-bucket.ts";
import { type Sync, VolatileDisk } from "../testing/volatile-directory.ts";
import { JournalHome } from "./home.ts";

const SECTOR = 512;
const SECTORS = 256;
const SIZE = SECTORS * SECTOR;
const RUNS = 100;
/** Shrinking a failure takes longer than finding it. */
const TIMEOUT_MS = 120_000;

const operation = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom("write" as const, "write" as const, "zero" as const),
      sector: fc.nat({ max: SECTORS - 1 }),
      sectors: fc.integer({ min: 1, max: 40 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("flush" as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("answer" as const), which: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("wait" as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("turns" as const), turns: fc.nat({ max: 40 }) }) },
);

/** From one start of the server to the power cut that ends it. */
const life = fc.record({
  /** PUTs that arrive while the layer is being opened; some lives end there. */
  opening: fc.oneof(
    { weight: 3, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.nat({ max: 6 }) },
  ),
  /** Whether its journal has begun before the operations do. */
  begun: fc.boolean(),
  operations: fc.array(operation, { maxLength: 40 }),
  steps: fc.nat({ max: 300 }),
  seed: fc.integer(),
  /** Which of the PUTs that are under way at the cut arrive. */
  landing: fc.array(fc.boolean()),
});
type Life = typeof life extends fc.Arbitrary<infer L> ? L : never;

const seeded = (seed: number) => {
  let state = seed | 0;
  return (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return ((state ^ (state >>> 15)) >>> 0) % below;
  };
};

/** One server after another over what the power cuts leave; the bucket keeps what arrived. */
class Run {
  #disk: VolatileDisk;
  #bucket = new SlowBucket();
  #states: Buffer[] = [Buffer.alloc(SIZE)];
  #flushed = 0;
  #fill = 0;

  constructor(forgets?: Sync) {
    this.#disk = new VolatileDisk(forgets);
  }

  async live({ opening, begun, operations, steps, seed, landing }: Life): Promise<void> {
    const clock = new FakeClock();
    const datastore = this.#datastore(clock);
    if ((await datastore.inspect(LAYER)) === undefined)
      await datastore.create({ layer: LAYER, sizeBytes: SIZE, stamp });
    const opened = datastore.open(LAYER, { sizeBytes: SIZE });
    opened.catch(() => undefined);
    if (await this.#bucket.during(opened, opening)) {
      const layer = await opened;
      await this.#recognise(layer);
      if (begun) expect(await this.#bucket.during(layer.flush())).toBe(true);
      this.#disk.failAfter(steps);
      try {
        for (const each of operations) await this.#do(layer, clock, each);
      } catch (error) {
        if (!CodedError.is(error, "layer-failed")) throw error;
      }
    }
    const former = this.#bucket;
    const promised = this.#flushed;
    this.#disk = this.#disk.cut(seeded(seed));
    for (const lands of landing.slice(0, former.held.length)) if (lands) former.answer(0);
    for (let turn = 0; turn < 3; turn++) await setImmediate();
    this.#bucket = new SlowBucket(former.objects.objects);
    // Nothing of what the former does now reaches the bucket or the disk of the next.
    const closed = opened.then((layer) => layer.close());
    expect(await former.during(closed.catch(() => undefined))).toBe(true);
    this.#flushed = promised;
  }

  /** Opened once more, for reading and then for writing, it holds what was flushed. */
  async end(): Promise<void> {
    const datastore = this.#datastore(new FakeClock());
    const reading = await datastore
      .open(LAYER, { sizeBytes: SIZE, readOnly: true })
      .catch((error: unknown) => {
        // Begun to be replayed, and not ended.
        if (!CodedError.is(error, "layer-in-use")) throw error;
      });
    const read = reading && (await contentOf(reading));
    await reading?.close();
    const opened = datastore.open(LAYER, { sizeBytes: SIZE });
    expect(await this.#bucket.during(opened)).toBe(true);
    const layer = await opened;
    const found = await this.#recognise(layer);
    if (read !== undefined) expect(read.equals(found)).toBe(true);
    expect(await this.#bucket.during(layer.close())).toBe(true);
    const bare = datastoreOver(new MemoryObjects(this.#bucket.objects.objects));
    const left = await bare.open(LAYER, { sizeBytes: SIZE, readOnly: true });
    expect((await contentOf(left)).equals(found)).toBe(true);
    await left.close();
  }

  #datastore(clock: FakeClock) {
    const { directory } = this.#disk;
    const home = new JournalHome("bucket", "/journal", async () => directory);
    return datastoreOver(this.#bucket.objects, {}, busyUpkeep, clock, home);
  }

  /** It is what some first writes made of it, with all that was flushed. */
  async #recognise(layer: Layer): Promise<Buffer> {
    const found = await contentOf(layer);
    const prefix = this.#states.findLastIndex((state) => state.equals(found));
    expect(prefix).toBeGreaterThanOrEqual(this.#flushed);
    this.#states = [found];
    this.#flushed = 0;
    return found;
  }

  async #do(
    layer: Layer,
    clock: FakeClock,
    each: typeof operation extends fc.Arbitrary<infer O> ? O : never,
  ) {
    if (each.kind === "turns") for (let turn = 0; turn < each.turns; turn++) await setImmediate();
    else if (each.kind === "wait") clock.advance(20_000);
    else if (each.kind === "answer") this.#bucket.answer(each.which);
    else if (each.kind === "flush") {
      const reached = this.#states.length - 1;
      const states = this.#states;
      layer.flush().then(
        () => {
          if (states === this.#states) this.#flushed = Math.max(this.#flushed, reached);
        },
        (error: unknown) => {
          if (!/power is off|failed|interrupted/.test(reasonOf(error))) throw error;
        },
      );
      await setImmediate();
    } else {
      const offset = each.sector * SECTOR;
      const length = Math.min(each.sectors * SECTOR, SIZE - offset);
      const model = Buffer.from(this.#states.at(-1) as Buffer);
      this.#fill = (this.#fill % 250) + 1;
      if (each.kind === "zero") {
        await layer.zero(offset, length);
        model.fill(0, offset, offset + length);
      } else {
        await layer.write(offset, Buffer.alloc(length, this.#fill));
        model.fill(this.#fill, offset, offset + length);
      }
      this.#states.push(model);
    }
  }
}

const survives = (forgets?: Sync) =>
  fc.asyncProperty(fc.array(life, { minLength: 1, maxLength: 4 }), async (lives) => {
    const run = new Run(forgets);
    for (const one of lives) await run.live(one);
    await run.end();
  });

test("whenever the power is cut, what was flushed is there, and the whole is what some first writes made", {
  timeout: TIMEOUT_MS,
}, async () => {
  await fc.assert(survives(), { numRuns: RUNS });
});

test.each<Sync>(["datasync", "sync"])(
  "a power cut finds out a journal that leaves out %s",
  async (forgets) => {
    expect((await fc.check(survives(forgets), { numRuns: RUNS })).failed).toBe(true);
  },
);
