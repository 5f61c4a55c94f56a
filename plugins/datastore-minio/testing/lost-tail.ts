import { setImmediate } from "node:timers/promises";
import { CodedError, type Layer } from "pagurus";
import { FakeClock } from "pagurus/testing";
import { expect } from "vitest";
import type { JournalDirectory } from "../journal/directory.ts";
import { JournalHome } from "../journal/home.ts";
import { numberOf } from "../layout.ts";
import { busyUpkeep, contentOf, datastoreOver, LAYER, newLayer, stamp } from "./log-under-test.ts";
import { SlowBucket } from "./slow-bucket.ts";
import { VolatileDisk } from "./volatile-directory.ts";

const BLOCK = 4096;
const SIZE = 64 * BLOCK;

export const turns = async () => {
  for (let turn = 0; turn < 50; turn++) await setImmediate();
};

export const write = async (layer: Layer, block: number) =>
  layer.write(block * BLOCK, Buffer.alloc(BLOCK, block + 1));

/** Its files are synced when `gate` lets them. */
const gated = (inner: JournalDirectory, gate: () => Promise<void>): JournalDirectory => ({
  ...inner,
  directory: async (name) => gated(await inner.directory(name), gate),
  async create(name) {
    const file = await inner.create(name);
    return {
      ...file,
      async datasync() {
        await gate();
        await file.datasync();
      },
    };
  },
});

/** A disk whose writer dies when the record knows that the bucket had its first segment, and the bucket loses that. */
export class LostTail {
  readonly #clock = new FakeClock();
  #bucket = new SlowBucket();
  #datastore: ReturnType<typeof datastoreOver> | undefined;
  gate = async (): Promise<void> => undefined;
  readonly #directory = gated(new VolatileDisk().directory, () => this.gate());

  /** Null: where none is configured. */
  datastore(home: JournalHome | null = this.journal()) {
    return datastoreOver(this.#bucket.objects, {}, busyUpkeep, this.#clock, home ?? undefined);
  }

  /** Of this host, or of one that has another directory there. */
  journal(directory: JournalDirectory = this.#directory): JournalHome {
    return new JournalHome("bucket", "/journal", async () => directory);
  }

  /** With a journal that has begun. */
  async opened(): Promise<Layer> {
    this.#datastore = this.datastore();
    const layer = await this.done(newLayer(this.#datastore, SIZE));
    await this.done(layer.flush());
    return layer;
  }

  async sealed(): Promise<void> {
    this.#clock.advance(10_000);
    await turns();
    expect(this.#bucket.held).toHaveLength(1);
  }

  async stored(): Promise<void> {
    this.#bucket.answer(0);
    await turns();
  }

  async crash(): Promise<void> {
    await this.#datastore?.stamp(LAYER, { ...stamp, epoch: 2 });
    this.#bucket = new SlowBucket(this.#bucket.objects.objects);
    this.#bucket.objects.location = (key) => `elsewhere:${key}`;
    const last = [...this.#bucket.objects.objects.keys()].filter((key) => key.startsWith("logs/")).sort();
    this.#bucket.objects.objects.delete(last.at(-1) ?? "");
  }

  /** The log object with that number is damaged. */
  spoil(number: number): void {
    const { objects } = this.#bucket.objects;
    const key =
      [...objects.keys()].find((each) => each.startsWith("logs/") && numberOf(each) === number) ?? "";
    objects.set(key, Buffer.from(objects.get(key) ?? []).fill(0, 0, 40));
  }

  /** A server that opens it to write, and dies before its n-th change of the bucket; false where it lived to the end. */
  async dies(before: number): Promise<boolean> {
    const { objects } = this.#bucket;
    let changes = 0;
    objects.before = ({ kind }) => {
      if (["put", "remove"].includes(kind)) changes++;
      if (changes >= before) throw new CodedError("call-interrupted", { function: "the server" });
    };
    const opened = this.datastore()
      .open(LAYER, { sizeBytes: SIZE })
      .then((layer) => layer.close());
    const died = await opened.then(
      () => changes >= before,
      () => true,
    );
    this.#bucket = new SlowBucket(objects.objects);
    this.#bucket.objects.location = (key) => `elsewhere ${before}:${key}`;
    return died;
  }

  /** What the disk holds, opened for reading and then, twice, for writing. */
  async contents(): Promise<readonly (Buffer | string)[]> {
    const contents: (Buffer | string)[] = [];
    for (const readOnly of [true, false, false]) {
      const opening = this.datastore().open(LAYER, { sizeBytes: SIZE, readOnly });
      try {
        const layer = await this.done(opening);
        contents.push(await contentOf(layer));
        await this.done(layer.close());
      } catch (error) {
        if (!CodedError.is(error)) throw error;
        contents.push(error.code);
      }
    }
    return contents;
  }

  /** What the bucket is asked for meanwhile arrives. */
  async done<T>(ending: Promise<T>): Promise<T> {
    expect(await this.#bucket.during(ending)).toBe(true);
    return ending;
  }
}

/** The journal holds still what the bucket has lost. */
export const lostAndHeld = async (): Promise<{ setting: LostTail; content: Buffer }> => {
  const setting = new LostTail();
  const layer = await setting.opened();
  await write(layer, 1);
  await layer.flush();
  await setting.sealed();
  // While the first segment is needed the next one lies in a file of its own.
  await write(layer, 2);
  await layer.flush();
  await setting.stored();
  const content = await contentOf(layer);
  await setting.crash();
  return { setting, content };
};
