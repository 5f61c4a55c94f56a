import assert from "node:assert/strict";
import { readFile, rename } from "node:fs/promises";
import { join } from "node:path";
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
