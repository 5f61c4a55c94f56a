import { setImmediate } from "node:timers/promises";
import { FakeClock } from "pagurus/testing";
import { expect, test } from "vitest";
import { decodeRecord, encodeRecord } from "../record-object.ts";
import { busyUpkeep, contentOf, datastoreOver, LAYER, newLayer, stamp } from "../testing/log-under-test.ts";
import { recordingLog } from "../testing/services.ts";
import { SlowBucket } from "../testing/slow-bucket.ts";
import { VolatileDisk } from "../testing/volatile-directory.ts";
import type { JournalDirectory } from "./directory.ts";
import { JournalHome } from "./home.ts";

const BLOCK = 4096;
const SIZE = 64 * BLOCK;
const call = { signal: new AbortController().signal, progress: () => undefined };

const turns = async () => {
  for (let turn = 0; turn < 50; turn++) await setImmediate();
};

/** A bucket and a journal, and one server after another over both. */
class Setting {
  readonly clock = new FakeClock();
  bucket = new SlowBucket();
  directory: JournalDirectory = new VolatileDisk().directory;
  readonly told = recordingLog();

  datastore(config: Parameters<typeof datastoreOver>[1] = {}) {
    const home = new JournalHome("bucket", "/journal", async () => this.directory);
    return datastoreOver(this.bucket.objects, config, busyUpkeep, this.clock, home, this.told.log);
  }

  async opened(config?: Parameters<typeof datastoreOver>[1]) {
    const opening = newLayer(this.datastore(config), SIZE);
    await this.bucket.during(opening);
    return opening;
  }

  /** With a journal that has begun. */
  async layer(config?: Parameters<typeof datastoreOver>[1]) {
    const layer = await this.opened(config);
    await this.bucket.during(layer.flush());
    return layer;
  }

  /** Whoever wrote is gone, with what was on its way; the bucket and the journal stay. */
  crash(): void {
    this.bucket = new SlowBucket(this.bucket.objects.objects);
    this.bucket.objects.location = (key) => `elsewhere:${key}`;
  }
}

const filled = (blocks: number, fill: number) => Buffer.alloc(blocks * BLOCK, fill);

test("a flush is answered by the journal, and what an idle disk has written is in the bucket soon, once", async () => {
  const setting = new Setting();
  const { bucket, clock } = setting;
  const layer = await setting.layer();
  await layer.write(0, filled(2, 1));
  await layer.flush();
  expect(bucket.held).toHaveLength(0);
  clock.advance(10_000);
  await turns();
  expect(bucket.held).toHaveLength(1);
  bucket.answer(0);
  await turns();
  const { requests } = bucket.objects;
  clock.advance(3_600_000);
  await turns();
  expect(bucket.objects.requests).toBe(requests);
  await bucket.during(layer.close());
});

test("writes wait while what was flushed has been missing in the bucket for too long", async () => {
  const setting = new Setting();
  const { bucket, clock } = setting;
  const layer = await setting.layer({ maxLossSeconds: 30 });
  await layer.write(0, filled(1, 1));
  await layer.flush();
  clock.advance(29_000);
  expect(layer.write(0, filled(1, 2))).toBeUndefined();
  clock.advance(1_000);
  let written = false;
  const writing = (async () => {
    await layer.write(0, filled(1, 3));
    written = true;
  })();
  await turns();
  expect(written).toBe(false);
  await bucket.during(writing);
  expect(written).toBe(true);
  await bucket.during(layer.close());
});

test("writes wait while the bucket lacks as many bytes as may be lost", async () => {
  const setting = new Setting();
  const layer = await setting.layer({ maxLossBytes: 8 * BLOCK });
  await layer.write(0, filled(4, 1));
  await layer.flush();
  const writing = layer.write(0, filled(4, 2));
  expect(writing).toBeInstanceOf(Promise);
  expect(await setting.bucket.during(Promise.resolve(writing))).toBe(true);
  await setting.bucket.during(layer.close());
});

test("a layer that a move fills is flushed to the bucket, and to the journal once it is its disk's", async () => {
  const setting = new Setting();
  const { bucket } = setting;
  const datastore = setting.datastore();
  await datastore.create({ layer: LAYER, sizeBytes: SIZE, stamp: { ...stamp, state: "target" } });
  const opening = datastore.open(LAYER, { sizeBytes: SIZE });
  await bucket.during(opening);
  const layer = await opening;
  await layer.write(0, filled(1, 1));
  expect(await bucket.during(layer.flush(), 0)).toBe(false);
  await bucket.during(turns());
  await datastore.stamp(LAYER, stamp);
  await layer.write(0, filled(1, 2));
  await bucket.during(layer.flush());
  await layer.write(0, filled(1, 3));
  expect(await bucket.during(layer.flush(), 0)).toBe(true);
  await bucket.during(layer.close());
});

test("after a close the bucket has everything, and the journal isn't needed any more", async () => {
  const setting = new Setting();
  const layer = await setting.layer();
  await layer.write(0, filled(3, 1));
  await layer.flush();
  const content = await contentOf(layer);
  await setting.bucket.during(layer.close());
  expect(await setting.directory.names()).toEqual(["journal.json"]);
  const elsewhere = await datastoreOver(setting.bucket.objects).open(LAYER, {
    sizeBytes: SIZE,
    readOnly: true,
  });
  expect((await contentOf(elsewhere)).equals(content)).toBe(true);
});

test("who opens a disk while another of this host closes it goes by what that one has left", async () => {
  const setting = new Setting();
  const { bucket } = setting;
  const layer = await setting.layer();
  await layer.write(0, filled(3, 1));
  await layer.flush();
  const content = await contentOf(layer);
  let release = () => {};
  const held = new Promise<void>((hold) => {
    bucket.objects.after = ({ kind, key }) => {
      // The record, in which the journal is named.
      if (kind !== "get" || !/^layers\/.*\d$/.test(key)) return;
      bucket.objects.after = () => undefined;
      hold();
      return new Promise((resolve) => {
        release = resolve;
      });
    };
  });
  const opening = setting.datastore().open(LAYER, { sizeBytes: SIZE });
  await held;
  await bucket.during(layer.close());
  release();
  expect(await bucket.during(opening)).toBe(true);
  expect((await contentOf(await opening)).equals(content)).toBe(true);
  await bucket.during(opening.then((again) => again.close()));
});

test("an outage that nobody waits for any more keeps no close from bringing everything to the bucket", async () => {
  const setting = new Setting();
  const layer = await setting.layer();
  await layer.write(0, filled(3, 1));
  const content = await contentOf(layer);
  setting.bucket.objects.outage = { since: 0, reason: "no answer", waiting: 0 };
  await setting.bucket.during(layer.close());
  const again = await datastoreOver(setting.bucket.objects).open(LAYER, { sizeBytes: SIZE, readOnly: true });
  expect((await contentOf(again)).equals(content)).toBe(true);
});

/** Flushed to the journal and never to the bucket. */
const flushedAndLost = async () => {
  const setting = new Setting();
  const layer = await setting.layer();
  for (let n = 1; n <= 3; n++) {
    await layer.write(n * BLOCK, filled(8, n));
    await layer.flush();
  }
  const content = await contentOf(layer);
  setting.crash();
  return { setting, content };
};

test("a disk isn't opened without its journal, or with another, until its loss is accepted", async () => {
  const { setting } = await flushedAndLost();
  const { directory } = setting;
  const without = datastoreOver(setting.bucket.objects);
  for (const readOnly of [false, true])
    await expect(without.open(LAYER, { sizeBytes: SIZE, readOnly })).rejects.toMatchObject({
      code: "journal-missing",
      data: { path: "/journal", maxLossBytes: 2 ** 30, since: expect.any(String) },
    });
  setting.directory = new VolatileDisk().directory;
  await expect(setting.datastore().open(LAYER, { sizeBytes: SIZE })).rejects.toMatchObject({
    code: "journal-missing",
  });

  setting.directory = directory;
  const { rescue } = setting.datastore();
  expect(await rescue.acceptLoss(LAYER, { confirmed: false }, call)).toMatchObject({
    done: false,
    bytes: 2 ** 30,
  });
  await expect(without.open(LAYER, { sizeBytes: SIZE })).rejects.toMatchObject({ code: "journal-missing" });
  expect(await rescue.acceptLoss(LAYER, { confirmed: true }, call)).toMatchObject({
    done: true,
    keptAside: [expect.stringMatching(/^aside\./)],
  });
  const opening = setting.datastore().open(LAYER, { sizeBytes: SIZE });
  await setting.bucket.during(opening);
  expect((await contentOf(await opening)).equals(Buffer.alloc(SIZE))).toBe(true);
  await setting.bucket.during(opening.then((layer) => layer.close()));
});

test("a journal that lacks a batch before others is refused, and stays as it is", async () => {
  const { setting } = await flushedAndLost();
  const names = await setting.directory.names();
  const inner = await setting.directory.directory(names.find((name) => name !== "journal.json") ?? "");
  for (const name of await inner.names()) {
    const file = await inner.open(name);
    const head = Buffer.alloc(64);
    await file?.read(head, 0);
    // The first batch of the first segment.
    if (head.readUInt32LE(12) === 1) await file?.write([Buffer.from([0xff])], 100);
  }
  await expect(setting.datastore().open(LAYER, { sizeBytes: SIZE })).rejects.toMatchObject({
    code: "journal-unfit",
    data: { reason: expect.stringMatching(/segment|batch/) },
  });
  expect(await setting.directory.names()).toEqual(names);
});

test("an opening that fails leaves nothing of the journal open, and one that succeeds neither", async () => {
  const { setting, content } = await flushedAndLost();
  let open = 0;
  const counted = <T extends { close(): Promise<void> }>(opened: T): T => {
    open++;
    const close = async () => {
      open--;
      await opened.close();
    };
    return { ...opened, close };
  };
  const within = (directory: JournalDirectory): JournalDirectory => ({
    ...directory,
    directory: async (name) => counted(within(await directory.directory(name))),
    open: async (name) => {
      const file = await directory.open(name);
      return file && counted(file);
    },
  });
  setting.directory = within(setting.directory);
  const { objects } = setting.bucket;
  const { before } = objects;
  for (const refused of ["put", "remove"]) {
    objects.before = (request) => {
      if (request.kind === refused && request.key.startsWith("logs/")) throw new Error("refused");
      return before(request);
    };
    const opening = setting.datastore().open(LAYER, { sizeBytes: SIZE });
    await setting.bucket.during(opening);
    await opening.then(
      (layer) => setting.bucket.during(layer.close()),
      () => undefined,
    );
    expect(open).toBe(0);
  }
  objects.before = before;
  const opening = setting.datastore().open(LAYER, { sizeBytes: SIZE });
  await setting.bucket.during(opening);
  expect(open).toBe(0);
  expect((await contentOf(await opening)).equals(content)).toBe(true);
  await setting.bucket.during(opening.then((layer) => layer.close()));
});

test("what another epoch has left in the journal is set aside and told, and never replayed", async () => {
  const { setting, content } = await flushedAndLost();
  const [made = ""] = [...setting.bucket.objects.objects.keys()].filter((key) => /^layers\/.*\d$/.test(key));
  const former = setting.bucket.objects.objects.get(made) ?? Buffer.alloc(0);
  // The bucket is what it was before the journal was begun.
  const { journal, ...before } = decodeRecord(made, former) as { readonly journal?: unknown };
  expect(journal).toBeDefined();
  setting.bucket.objects.objects.set(made, encodeRecord(made, before));
  const opening = setting.datastore().open(LAYER, { sizeBytes: SIZE });
  await setting.bucket.during(opening);
  expect((await contentOf(await opening)).equals(content)).toBe(false);
  const aside = (await setting.directory.names()).filter((name) => name.startsWith("aside."));
  expect(aside).toHaveLength(1);
  expect(setting.told.lines).toMatchObject([
    { level: "warn", data: { layer: LAYER, paths: [`/journal/${aside[0]}`] } },
  ]);
  await setting.bucket.during(opening.then((layer) => layer.close()));
});

test("a journal without room refuses flushes until there is some; one that is taken away fails the layer", async () => {
  const setting = new Setting();
  const { directory } = setting;
  let lack: string | undefined;
  const failing = (inner: JournalDirectory): JournalDirectory => ({
    ...inner,
    directory: async (name) => failing(await inner.directory(name)),
    create: async (name) => {
      const file = await inner.create(name);
      const write: typeof file.write = async (parts, at) => {
        if (lack !== undefined) throw Object.assign(new Error(lack), { code: lack });
        return file.write(parts, at);
      };
      return { ...file, write };
    },
  });
  setting.directory = failing(directory);
  const layer = await setting.opened();
  await layer.write(0, filled(1, 1));
  lack = "ENOSPC";
  await expect(layer.flush()).rejects.toMatchObject({ code: "no-space" });
  lack = undefined;
  expect(await setting.bucket.during(layer.flush())).toBe(true);
  lack = "ENOSPC";
  await layer.write(0, filled(1, 2));
  await expect(layer.flush()).rejects.toMatchObject({ code: "no-space" });
  lack = undefined;
  await layer.flush();
  lack = "EIO";
  await layer.write(0, filled(1, 3));
  await expect(layer.flush()).rejects.toMatchObject({ code: "layer-io-failed" });
  lack = undefined;
  await expect(layer.flush()).rejects.toMatchObject({ code: "layer-failed" });
  await setting.bucket.during(layer.close());
});

test("without a journal, too, what nobody flushes goes to the bucket after a while", async () => {
  const bucket = new SlowBucket();
  const clock = new FakeClock();
  const opening = newLayer(datastoreOver(bucket.objects, {}, busyUpkeep, clock), SIZE);
  await bucket.during(opening);
  const layer = await opening;
  await layer.write(0, filled(1, 1));
  clock.advance(9_999);
  expect(bucket.held).toHaveLength(0);
  clock.advance(1);
  expect(bucket.held).toHaveLength(1);
  await bucket.during(layer.close());
});
