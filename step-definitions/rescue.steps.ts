import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { z } from "pagurus";
import { Given, Then, When } from "pagurus/steps";
import { Buckets } from "./support/buckets.ts";
import { LocalServer } from "./support/local-server.ts";
import type { Lab, LabPart } from "./world.ts";

/** A command starts an engine of its own. */
const timeout = 180_000;
const MORE_BYTES = 64 * 1024;

const Inspected = z.object({
  layers: z.array(
    z.object({
      layer: z.string(),
      state: z.string(),
      sizeBytes: z.number(),
      stamp: z.object({ disk: z.string(), state: z.string() }),
      cutAt: z.number().optional(),
    }),
  ),
});

const Swept = z.object({ unknown: z.array(z.object({ layer: z.string(), kept: z.string().optional() })) });

/** What was found out of a bucket, for the commands to come. */
class Found implements LabPart {
  layer = "";
  cutAt = 0;
  /** What the client had written before it wrote more. */
  before = Buffer.alloc(0);

  async end(): Promise<void> {}
}

Given("the client of {string} writes more", async function (this: Lab, disk: string) {
  const guest = this.part(LocalServer).guestOf(disk);
  this.part(Found).before = Buffer.from(guest.image.acknowledged);
  await guest.write(MORE_BYTES, Buffer.alloc(MORE_BYTES, 0xab));
  await guest.flush();
});

Given(
  "another server has just made the layer {string} in {string}, and not used it",
  async function (this: Lab, layer: string, datastore: string) {
    const buckets = this.part(Buckets);
    const { client, name } = buckets.placeOf(datastore).bucket;
    buckets.addOthers(datastore, layer);
    const stamp = { disk: "of-another-catalog", epoch: 1, state: "owner" };
    const made = { version: 1, log: randomUUID(), window: 8, sizeBytes: MORE_BYTES, stamp };
    const key = `layers/${layer}/made`;
    const body = JSON.stringify(made).slice(0, -1);
    const record = `${body},"checksum":${crc32(body, crc32(key))}}`;
    await client.putObject(name, `${datastore}/${key}`, record);
  },
);

When("all that it knew is taken away", async function (this: Lab) {
  await rename(this.dataDir, `${this.dataDir}.away`);
});
When("all that it knew is put back", async function (this: Lab) {
  await rename(`${this.dataDir}.away`, this.dataDir);
});

const newestWithBytes = async (lab: Lab, datastore: string): Promise<string> => {
  const { client, name } = lab.part(Buckets).placeOf(datastore).bucket;
  const keys: string[] = [];
  for await (const { name: key = "", size = 0 } of client.listObjectsV2(name, `${datastore}/logs/`, true))
    if (size > MORE_BYTES) keys.push(key);
  return keys.sort().at(-1) ?? "";
};

When("the newest object with bytes of {string} is deleted", async function (this: Lab, datastore: string) {
  const { client, name } = this.part(Buckets).placeOf(datastore).bucket;
  await client.removeObject(name, await newestWithBytes(this, datastore));
});

When("the newest object with bytes of {string} is cut short", async function (this: Lab, datastore: string) {
  const { client, name } = this.part(Buckets).placeOf(datastore).bucket;
  const newest = await newestWithBytes(this, datastore);
  const whole = await client.getObject(name, newest);
  const bytes = Buffer.concat(await whole.toArray());
  await client.putObject(name, newest, bytes.subarray(0, bytes.length / 2));
});

When(
  "a person who has the configuration runs {command}",
  { timeout },
  async function (this: Lab, words: string[]) {
    const { layer, cutAt } = this.part(Found);
    const filled = words.map((word) =>
      word
        .replace("FOLDER", this.folder)
        .replace(/^LAYER$/, layer)
        .replace(/^CUT$/, String(cutAt)),
    );
    await this.part(LocalServer).pagurus(filled);
  },
);

Then(
  "it prints one layer of {string} that is {word} and of {size}, owned by {string}",
  async function (this: Lab, _datastore: string, state: string, sizeBytes: number, disk: string) {
    const server = this.part(LocalServer);
    const { layers } = Inspected.parse(JSON.parse(server.last.out));
    assert.deepEqual(
      layers.map((layer) => [layer.state, layer.sizeBytes, layer.stamp.state]),
      [[state, sizeBytes, "owner"]],
    );
    const [found] = layers;
    if (server.running) assert.equal(found?.stamp.disk, (await server.showDisk(disk)).id);
    Object.assign(this.part(Found), { layer: found?.layer, cutAt: found?.cutAt });
  },
);

Then(
  "it tells of the layer {string}, kept because it was made {string}",
  function (this: Lab, layer: string, when: string) {
    const { unknown } = Swept.parse(JSON.parse(this.part(LocalServer).last.out));
    assert.deepEqual(
      unknown.map((each) => [each.layer, each.kept?.includes(when)]),
      [[layer, true]],
    );
  },
);

Then(
  "it prints the layers of {string}: that of {string}, and {string}",
  async function (this: Lab, _datastore: string, disk: string, other: string) {
    const server = this.part(LocalServer);
    const { layers } = Inspected.parse(JSON.parse(server.last.out));
    const { id } = await server.showDisk(disk);
    const own = layers.find(({ stamp }) => stamp.disk === id)?.layer ?? "";
    assert.deepEqual(layers.map(({ layer }) => layer).sort(), [other, own].sort());
    this.part(Found).layer = own;
  },
);

Then(
  /^the image FOLDER\/(\S+) holds all that the client wrote to "([^"]*)"$/,
  async function (this: Lab, name: string, disk: string) {
    const { image } = this.part(LocalServer).guestOf(disk);
    assert.deepEqual(image.wrongBlocks(await readFile(join(this.folder, name))), []);
  },
);

Then("{string} goes on with all that its client wrote", async function (this: Lab, disk: string) {
  const guest = this.part(LocalServer).guestOf(disk);
  await guest.reconnect();
  const content = await guest.nbd.read(0, guest.image.acknowledged.length);
  assert.deepEqual(guest.image.wrongBlocks(content), []);
});

Then("{string} goes on with what its client wrote before", async function (this: Lab, disk: string) {
  const guest = this.part(LocalServer).guestOf(disk);
  await guest.reconnect();
  const { before } = this.part(Found);
  assert.ok((await guest.nbd.read(0, before.length)).equals(before), "it is another content");
});
