import assert from "node:assert/strict";
import { Given, Then, When } from "pagurus/steps";
import { ExportUnderTest } from "./export/export-under-test.ts";
import type { Ability } from "./export/guest-client.ts";
import { inTime } from "./export/in-time.ts";
import type { Kit } from "./world.ts";

const part = (kit: Kit) => kit.part(ExportUnderTest);

/** Exports a disk; where the kit has no client for its addresses the scenario isn't run, and says why. */
const attach = async (kit: Kit, ...args: Parameters<ExportUnderTest["attach"]>) => {
  await part(kit).attach(...args);
  const { unreachable } = part(kit);
  if (unreachable === undefined) return undefined;
  kit.log(unreachable);
  return "skipped";
};

/** Connects a client; where it isn't told that it can, the scenario isn't run. */
const connectAble = async (kit: Kit, ability: Ability, wanted: string) => {
  await part(kit).connect();
  if (part(kit).client.told.has(ability)) return undefined;
  kit.log(`needs clients that are told of ${wanted}`);
  return "skipped";
};

Given("an/another exported disk of {size}", function (this: Kit, sizeBytes: number) {
  return attach(this, sizeBytes);
});
Given(
  "an exported disk of {size} in blocks of {size}, better {size}, at most {size}",
  function (this: Kit, sizeBytes: number, minimum: number, preferred: number, maximum: number) {
    return attach(this, sizeBytes, { minimum, preferred, maximum });
  },
);

When("a client connects", async function (this: Kit) {
  await part(this).connect();
});
When("{int} clients connect", async function (this: Kit, count: number) {
  for (let index = 0; index < count; index++) await part(this).connect();
});
When("a client connects that can write durably", function (this: Kit) {
  return connectAble(this, "fua", "durable writes (FUA)");
});
When("a client connects that can ask for holes", function (this: Kit) {
  return connectAble(this, "extents", "holes");
});
When("a client connects that can ask for fast zeroes", function (this: Kit) {
  return connectAble(this, "fast-zero", "fast zeroes");
});
When("a client connects that can ask what is dirty", function (this: Kit) {
  return connectAble(this, "dirty", "what a move has still to copy");
});
When("each exported disk gets a client", async function (this: Kit) {
  const { attached } = part(this);
  for (const { attachment } of attached) await part(this).connectTo(attachment.addresses);
});
When("a client asks what there is", async function (this: Kit) {
  const { uri } = part(this).place;
  part(this).found = await inTime(part(this).clientKind.list(uri), "the names were to be told");
});

When("the client leaves", async function (this: Kit) {
  await inTime(part(this).client.leave(), "a client that said good-bye was to be hung up on");
});
When("the client vanishes", async function (this: Kit) {
  part(this).client.vanish();
  await part(this).client.closed;
  await part(this).fence();
});
When("the client vanishes with half a write behind", async function (this: Kit) {
  part(this).client.sendHalfAWrite(0, part(this).freshBytes(0, 4096));
  await part(this).fence();
  part(this).client.vanish();
});
When(
  "the client sends half a write of {size} at {size} and vanishes",
  async function (this: Kit, length: number, offset: number) {
    part(this).client.sendHalfAWrite(offset, part(this).freshBytes(offset, length / 2));
    await part(this).fence(length);
    part(this).client.vanish();
    await part(this).fence();
  },
);

Then("it finds the exported disk(s) and nothing else", function (this: Kit) {
  const names = part(this).attached.map(({ disk }) => disk.name);
  const { found } = part(this);
  assert.deepEqual(
    [...found].sort(),
    names.sort(),
    `a client that asked what there is was told of “${found.join(", ")}”, and there is “${names.join(", ")}”`,
  );
});
Then("a client that asks for {string} is refused", async function (this: Kit, name: string) {
  const { uri, clients } = part(this).place;
  const asking = clients.connect(clients.renamed(uri, name)).then(
    (client) => {
      part(this).clients.push(client);
      return "let in";
    },
    () => "refused",
  );
  assert.equal(
    await inTime(asking, "a client that asks for what isn't there was to be refused"),
    "refused",
    `there is no disk named ${name}, and a client that asked for it was let in`,
  );
});
Then("another client is turned away", async function (this: Kit) {
  const { uri, clients } = part(this).place;
  const coming = clients.connect(uri).then(
    async (client) => {
      part(this).clients.unshift(client);
      return client.read(0, 4096).then(
        () => "served",
        () => "turned away",
      );
    },
    () => "turned away",
  );
  assert.equal(
    await inTime(coming, "a second client was to be turned away"),
    "turned away",
    "a second client was served, which it says that it doesn't do (many-clients)",
  );
});
Then("the client is told of {size}", function (this: Kit, sizeBytes: number) {
  const told = part(this).client.sizeBytes;
  assert.equal(told, sizeBytes, `the client is told of ${told} bytes, and the disk has ${sizeBytes}`);
});
Then(
  "the client is told of blocks of {size}, better {size}, at most {size}",
  function (this: Kit, minimum: number, preferred: number, maximum: number) {
    assert.deepEqual(part(this).client.blockSizes, { minimum, preferred, maximum });
  },
);
Then("the client is told that it may only read", function (this: Kit) {
  assert.ok(!part(this).client.told.has("write"), "the client was told that it may write");
});
Then("the exported disk has had {int} connection(s) and has none", async function (this: Kit, count: number) {
  const { disk } = part(this);
  await disk.until(() => disk.connections === 0, "the connection of a client that is gone was to be closed");
  assert.equal(disk.guests.length, count);
});
Then("the first client's connection has ended", async function (this: Kit) {
  const { disk } = part(this);
  const [first] = disk.guests;
  await disk.until(
    () => first?.gone === true && first.underWay.size === 0,
    "the connection of a client that is gone was to be closed",
  );
  await part(this).fence();
});
