import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DatastoreUsage, LayerUsage, StoreUsage, z } from "pagurus";
import { Given, Then, When } from "pagurus/steps";
import { BLOCK_BYTES } from "./lab/blocks.ts";
import { Buckets } from "./support/buckets.ts";
import type { Lab, LabPart } from "./world.ts";

/** That a server is away is told after a while. */
const timeout = 120_000;
const LOOK_MS = 50;

const ShownDisk = z.object({ durability: z.string(), usage: LayerUsage });
const ShownDatastore = z.object({ usage: DatastoreUsage });

/** What the scenario has seen so far. */
class Bills implements LabPart {
  /** Of a disk, when it was last looked at. */
  readonly last = new Map<string, LayerUsage>();
  /** Requests that MinIO has got since. */
  requests: (() => number) | undefined;
  flush: Promise<void> | undefined;
  writtenAt = 0;

  async end(): Promise<void> {
    await this.flush?.catch(() => undefined);
  }
}

const show = async (lab: Lab, name: string) => ShownDisk.parse(await lab.call("disks.show", { name }));
const showStore = async (lab: Lab, id: string) =>
  ShownDatastore.parse(await lab.call("datastores.show", { id }));

const put = async (lab: Lab, disk: string, at: number, bytes: number): Promise<void> =>
  (await lab.connect(disk)).write(at, Buffer.alloc(bytes, lab.nextNumber()));

const requestsOf = ({ requests }: StoreUsage): number =>
  Object.values(requests).reduce((sum, count) => sum + count, 0);

Given("{string} charges {int} EUR for 1000 PUTs", function (this: Lab, id: string, putPer1000: number) {
  this.part(Buckets).configure(id, { prices: { currency: "EUR", putPer1000 } });
});

Given("{string} has a journal", async function (this: Lab, id: string) {
  const journal = join(this.folder, "journal");
  await mkdir(journal);
  this.part(Buckets).configure(id, { journal });
});

Given(
  "a disk {string} of {size} in {string}",
  { timeout },
  async function (this: Lab, disk: string, size: number, datastore: string) {
    await this.createDisk(disk, size, datastore);
    await this.connect(disk);
  },
);

When(
  "the guest of {string} writes and flushes {int} times",
  { timeout },
  async function (this: Lab, disk: string, times: number) {
    this.part(Bills).last.set(disk, (await show(this, disk)).usage);
    for (let turn = 0; turn < times; turn++) {
      await put(this, disk, turn * BLOCK_BYTES, BLOCK_BYTES);
      await (await this.connect(disk)).flush();
    }
  },
);

Then(
  "{string} has cost {int} PUTs and {float} EUR more, and nothing else",
  async function (this: Lab, disk: string, puts: number, euros: number) {
    const bills = this.part(Bills);
    const before = bills.last.get(disk);
    const { usage } = await show(this, disk);
    assert.ok(before);
    assert.deepEqual(usage.requests, { ...before.requests, put: (before.requests["put"] ?? 0) + puts });
    assert.equal(usage.price?.currency, "EUR");
    const more = (usage.price?.amount ?? 0) - (before.price?.amount ?? 0);
    assert.ok(Math.abs(more - euros) < 1e-9, `it cost ${more}`);
    bills.last.set(disk, usage);
  },
);

When(
  "{string} and {string} are shown {int} times, and the guest of {string} flushes each time",
  { timeout },
  async function (this: Lab, disk: string, datastore: string, times: number, _guest: string) {
    const watch = this.part(Buckets).placeOf(datastore).proxy.watch({});
    this.part(Bills).requests = () => watch.count;
    for (let turn = 0; turn < times; turn++) {
      await show(this, disk);
      await showStore(this, datastore);
      await (await this.connect(disk)).flush();
    }
  },
);

Then(
  "{string} has cost nothing more, and MinIO has seen no request",
  async function (this: Lab, disk: string) {
    const bills = this.part(Bills);
    assert.deepEqual((await show(this, disk)).usage, bills.last.get(disk));
    assert.equal(bills.requests?.(), 0);
  },
);

When("the guest of {string} writes {size}", async function (this: Lab, disk: string, size: number) {
  this.part(Bills).writtenAt = Date.now();
  await put(this, disk, 0, size);
});

When("the guest of {string} flushes", { timeout }, async function (this: Lab, disk: string) {
  await (await this.connect(disk)).flush();
});

Then(
  "{string} holds at least {size} that {string} lacks",
  async function (this: Lab, disk: string, least: number, _datastore: string) {
    const { bufferedBytes, maxBufferedBytes } = (await show(this, disk)).usage;
    assert.ok(bufferedBytes >= least && bufferedBytes <= maxBufferedBytes, `it holds ${bufferedBytes}`);
  },
);

Then(
  "{string} holds nothing that {string} lacks",
  async function (this: Lab, disk: string, _datastore: string) {
    assert.equal((await show(this, disk)).usage.bufferedBytes, 0);
  },
);

Then("a flush of {string} survives a loss of power", async function (this: Lab, disk: string) {
  assert.equal((await show(this, disk)).durability, "local");
});

Then(
  "the loss of this host would take at least {size} that was flushed to {string}, the oldest since then",
  async function (this: Lab, least: number, disk: string) {
    const { lossWindow } = (await show(this, disk)).usage;
    assert.ok(lossWindow, "a loss window is told");
    const { bytes, since = "", maxBytes } = lossWindow;
    assert.ok(bytes >= least && bytes <= maxBytes, `it would take ${bytes}`);
    // The clock counts milliseconds, and what was kept from one reading to the next is rounded.
    assert.ok(Date.parse(since) >= this.part(Bills).writtenAt - 1, `they were flushed at ${since}`);
    assert.ok(Date.parse(since) <= Date.now());
  },
);

Then(
  "the loss of this host soon would take nothing that was flushed to {string}",
  { timeout },
  async function (this: Lab, disk: string) {
    const lossWindow = async () => (await show(this, disk)).usage.lossWindow;
    while ((await lossWindow())?.bytes !== 0) await sleep(LOOK_MS);
    assert.equal((await lossWindow())?.since, undefined);
  },
);

When("the guest of {string} asks for a flush of what it writes", async function (this: Lab, disk: string) {
  await put(this, disk, 0, BLOCK_BYTES);
  this.part(Bills).flush = (await this.connect(disk)).flush();
});

const tells = (lab: Lab, type: string, datastore: string) =>
  lab.events.happened((event) => event.type === type && event.data["datastore"] === datastore);

Then("it is told that {string} doesn't answer", { timeout }, async function (this: Lab, datastore: string) {
  await tells(this, "datastore.unavailable", datastore);
});

Then("it is told that {string} answers again", { timeout }, async function (this: Lab, datastore: string) {
  await tells(this, "datastore.recovered", datastore);
});

Then(
  "the datastore {string} and the disk {string} show since when it doesn't, and why",
  async function (this: Lab, datastore: string, disk: string) {
    const { data } = await tells(this, "datastore.unavailable", datastore);
    for (const { usage } of [await showStore(this, datastore), await show(this, disk)]) {
      assert.equal(usage.outage?.since, data["since"]);
      assert.match(usage.outage?.reason ?? "", /ECONNREFUSED|ECONNRESET|socket hang up/);
      assert.ok((usage.outage?.waiting ?? 0) > 0);
    }
  },
);

Then("the guest's flush is answered", { timeout }, async function (this: Lab) {
  await this.part(Bills).flush;
});

Then(
  "neither {string} nor {string} shows an outage",
  async function (this: Lab, datastore: string, disk: string) {
    for (const { usage } of [await showStore(this, datastore), await show(this, disk)])
      assert.equal(usage.outage, undefined);
  },
);

When(
  "somebody has the bucket of {string} keep versions while the server is stopped",
  async function (this: Lab, id: string) {
    const { client, name } = this.part(Buckets).placeOf(id).bucket;
    await this.stop();
    await client.setBucketVersioning(name, { Status: "Enabled" });
    await this.started();
  },
);

When("the bucket of {string} keeps versions no more", async function (this: Lab, id: string) {
  const { client, name } = this.part(Buckets).placeOf(id).bucket;
  await client.setBucketVersioning(name, { Status: "Suspended" });
});

When("the datastore {string} is checked", async function (this: Lab, id: string) {
  await this.call("datastores.check", { id });
});

Then(
  "the datastore {string} shows {word}, and says {string}",
  { timeout },
  async function (this: Lab, id: string, code: string, remedy: string) {
    const concern = async () => (await showStore(this, id)).usage.concern;
    while ((await concern()) === undefined) await sleep(LOOK_MS);
    const told = await concern();
    assert.equal(told?.code, code);
    assert.ok(told?.remedy.includes(remedy), told?.remedy);
  },
);

Then("the datastore {string} shows no concern", async function (this: Lab, id: string) {
  assert.equal((await showStore(this, id)).usage.concern, undefined);
});

const Moved = z.looseObject({
  moves: z.array(
    z.looseObject({ usage: z.object({ source: StoreUsage.nullable(), target: StoreUsage.nullable() }) }),
  ),
});

const costOf = async (lab: Lab) => {
  const [move] = Moved.parse(await lab.jobEnded()).moves;
  assert.ok(move);
  return move.usage;
};

Then(
  "the move has cost at least {size} sent to the target, and nothing at the source",
  async function (this: Lab, least: number) {
    const { source, target } = await costOf(this);
    assert.equal(source, null);
    assert.ok(target && target.bytesSent >= least && requestsOf(target) > 0, JSON.stringify(target));
  },
);

Then(
  "the move has cost at least {size} received from the source, and nothing at the target",
  async function (this: Lab, least: number) {
    const { source, target } = await costOf(this);
    assert.equal(target, null);
    assert.ok(source && source.bytesReceived >= least && requestsOf(source) > 0, JSON.stringify(source));
  },
);
