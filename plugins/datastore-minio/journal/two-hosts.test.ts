import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { FakeClock } from "pagurus/testing";
import { expect, test } from "vitest";
import { LayerRecords } from "../layer-record.ts";
import { busyUpkeep, contentOf, datastoreOver, LAYER, stamp } from "../testing/log-under-test.ts";
import { MemoryObjects, type Requested } from "../testing/memory-objects.ts";
import { VolatileDisk } from "../testing/volatile-directory.ts";
import { JournalHome } from "./home.ts";

const BLOCK = 4096;
const SIZE = 16 * BLOCK;

const turns = async () => {
  for (let turn = 0; turn < 50; turn++) await setImmediate();
};

/** A server with a journal of its own; it shares with others nothing but the bucket. */
class Host {
  readonly objects: MemoryObjects;
  readonly path: string;

  constructor(path: string, bucket: Map<string, Buffer>) {
    this.path = path;
    this.objects = new MemoryObjects();
    this.objects.objects = bucket;
    this.objects.location = (key) => `${path}:${key}`;
  }

  open() {
    return this.#datastore().open(LAYER, { sizeBytes: SIZE });
  }

  make() {
    return this.#datastore().create({ layer: LAYER, sizeBytes: SIZE, stamp });
  }

  /** Holds the first request that is like that; answers, once there is one, what lets it go on. */
  hold(like: (request: Requested) => boolean): Promise<() => void> {
    return new Promise((held) => {
      this.objects.before = (request) => {
        if (!like(request)) return;
        this.objects.before = () => undefined;
        return new Promise((release) => held(release));
      };
    });
  }

  logObjects(): string[] {
    return [...this.objects.objects.keys()].filter((key) => key.startsWith("logs/")).sort();
  }

  /** The path of the journal that the bucket knows of. */
  async named(): Promise<string | undefined> {
    return (await new LayerRecords(this.objects).find(LAYER))?.journal?.path;
  }

  #datastore() {
    const { directory } = new VolatileDisk();
    const home = new JournalHome("bucket", this.path, async () => directory);
    return datastoreOver(this.objects, {}, busyUpkeep, new FakeClock(), home);
  }
}

const twoHosts = async () => {
  const bucket = new Map<string, Buffer>();
  const hosts = { first: new Host("/first", bucket), second: new Host("/second", bucket) };
  await hosts.first.make();
  return hosts;
};

const putsLog = ({ kind, key }: Requested) => kind === "put" && key.startsWith("logs/");

test.each([0, 1])(
  "who has lost a disk before its first flush, of %i blocks, answers none, and its new owner goes on",
  async (blocks) => {
    const { first, second } = await twoHosts();
    const former = await first.open();
    const owner = await second.open();
    await former.write(0, Buffer.alloc(blocks * BLOCK, 1));
    await expect(former.flush()).rejects.toMatchObject({ code: "layer-io-failed" });
    expect(await second.named()).toBeUndefined();
    await owner.write(0, Buffer.alloc(BLOCK, 2));
    await owner.flush();
    expect(await second.named()).toBe("/second");
    await former.close();
    await owner.close();
    expect(await second.named()).toBeUndefined();
  },
);

test("who has lost a disk to a newer release leaves no journal of its own named", async () => {
  const { first, second } = await twoHosts();
  const former = await first.open();
  await second.open();
  const [fence = ""] = second.logObjects().slice(-1);
  const bytes = Buffer.from(second.objects.objects.get(fence) ?? []);
  const index = bytes.subarray(bytes.length - bytes.readUInt32LE(bytes.length - 8));
  index[0] = 2;
  createHash("sha256")
    .update(index.subarray(0, -40))
    .digest()
    .copy(index, index.length - 40);
  second.objects.objects.set(fence, bytes);
  await former.write(0, Buffer.alloc(BLOCK, 1));
  await expect(former.flush()).rejects.toMatchObject({ code: "layer-io-failed" });
  expect(await second.named()).toBeUndefined();
  await former.close();
});

test("who opens a disk while its first flush is answered elsewhere is refused, and takes nothing away", async () => {
  const { first, second } = await twoHosts();
  const owner = await first.open();
  const holding = second.hold(({ kind, key }) => kind === "list" && key.startsWith("checkpoints/"));
  const opening = second.open();
  const release = await holding;
  await owner.write(0, Buffer.alloc(BLOCK, 1));
  await owner.flush();
  await owner.write(BLOCK, Buffer.alloc(BLOCK, 2));
  await owner.flush();
  release();
  await expect(opening).rejects.toMatchObject({ code: "layer-in-use" });
  const content = await contentOf(owner);
  await owner.close();
  const again = await second.open();
  expect((await contentOf(again)).equals(content)).toBe(true);
  await again.close();
});

test("a journal that was named when its writer had lost the disk keeps no flush of the new owner from being answered", async () => {
  const { first, second } = await twoHosts();
  const former = await first.open();
  const fencing = second.hold(putsLog);
  const opening = second.open();
  const fence = await fencing;
  const sealing = first.hold(putsLog);
  const flushing = former.flush();
  flushing.catch(() => undefined);
  const arrive = await sealing;
  expect(await first.named()).toBe("/first");
  fence();
  const owner = await opening;
  await owner.write(0, Buffer.alloc(BLOCK, 2));
  await owner.flush();
  arrive();
  await expect(flushing).rejects.toMatchObject({ code: "layer-io-failed" });
  await turns();
  expect(await second.named()).toBe("/second");
  await owner.write(0, Buffer.alloc(BLOCK, 3));
  await owner.flush();
  const content = await contentOf(owner);
  await former.close();
  await owner.close();
  const again = await first.open();
  expect((await contentOf(again)).equals(content)).toBe(true);
  await again.close();
});
