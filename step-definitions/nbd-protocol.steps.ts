import assert from "node:assert/strict";
import { CodedError, type JsonObject } from "pagurus";
import { type DataTable, defineParameterType, Given, Then, When } from "pagurus/steps";
import { NbdClient, type NbdForm } from "pagurus/testing";
import { BLOCK_BYTES } from "./lab/blocks.ts";
import { Rehearsal } from "./lab/rehearsal.ts";
import { qemuIoTraced } from "./support/extended-qemu.ts";
import {
  chunkTypes,
  commandFlags,
  commands,
  nameOf,
  namesIn,
  numberOf,
  optionReplies,
  options,
  transmissionFlags,
} from "./support/nbd-numbers.ts";
import { contextQuery, infoQuery, NbdTalk } from "./support/nbd-talk.ts";
import type { Lab } from "./world.ts";

const FILLING = 0x77;
const units: Readonly<Record<string, number>> = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };
/** As the parameter type has it, for tables. */
const bytesOf = (size: string): number => {
  const [count = "", unit = ""] = size.split(" ");
  return Number(count) * (units[unit] ?? Number.NaN);
};
const SHAKEN: Readonly<Record<string, number>> = {
  "no flags": 0,
  FIXED_NEWSTYLE: 1,
  "FIXED_NEWSTYLE and NO_ZEROES": 3,
  "an unknown flag": 0x81,
};
const infos = ["EXPORT", "NAME", "DESCRIPTION", "BLOCK_SIZE"];

defineParameterType({
  name: "form",
  regexp: /simple|structured|extended/,
  transformer: (text: string) => text as NbdForm,
});
/** Command flags: `FUA and DF`. */
defineParameterType({
  name: "flags",
  regexp: /[A-Z_]+(?: and [A-Z_]+)*|bit 15/,
  transformer: (text: string) =>
    namesIn(text).reduce((flags, name) => flags | numberOf(commandFlags, name), 0),
});

Given("the exports", async function (this: Lab, json: string) {
  this.setup.sections = { ...this.setup.sections, exports: JSON.parse(json) as JsonObject };
  await this.stop();
});

Given("the disk {string} of {size}, empty", async function (this: Lab, name: string, sizeBytes: number) {
  await this.call("disks.create", { name, sizeBytes, datastore: "fast" });
});
Given(
  "the disk {string} of {size}, full of data",
  async function (this: Lab, name: string, sizeBytes: number) {
    await this.call("disks.create", { name, sizeBytes, datastore: "fast" });
    await write(this, name, 0, Buffer.alloc(sizeBytes, 0x55));
  },
);
When(
  "another client of {string} writes block {int}",
  async function (this: Lab, disk: string, block: number) {
    await write(this, disk, block * BLOCK_BYTES, Buffer.alloc(BLOCK_BYTES, FILLING));
  },
);

Given("a client in its handshake with {string}", async function (this: Lab, disk: string) {
  const talk = this.part(NbdTalk);
  await talk.begin(await talk.uriOf(disk));
});
Given("a client in its handshake at the TCP port of {string}", async function (this: Lab, disk: string) {
  const talk = this.part(NbdTalk);
  await talk.begin(await talk.uriOf(disk, { scheme: "nbd:" }));
});
Given(/^a client that knows (.+) with "([^"]+)"$/, async function (this: Lab, flags: string, disk: string) {
  const talk = this.part(NbdTalk);
  await talk.begin(await talk.uriOf(disk), numberOf(SHAKEN, flags));
});
Given("a client of {string} with {form} messages", async function (this: Lab, disk: string, form: NbdForm) {
  const talk = this.part(NbdTalk);
  const client = await talk.connect(await talk.uriOf(disk), form);
  assert.equal(client.form, form);
});
Given(
  "a client of {string} with {form} messages and the contexts {names}",
  async function (this: Lab, disk: string, form: NbdForm, contexts: string[]) {
    const talk = this.part(NbdTalk);
    const client = await talk.connect(await talk.uriOf(disk), form, contexts);
    assert.deepEqual([...client.contexts.keys()].toSorted(), contexts.toSorted());
  },
);
Given("a client of {string} that may only read", async function (this: Lab, disk: string) {
  const talk = this.part(NbdTalk);
  await talk.connect(await talk.uriOf(disk, { ending: ".read-only.sock" }), "structured");
});

When("it sends {word}", async function (this: Lab, option: string) {
  await this.part(NbdTalk).ask(numberOf(options, option));
});
When("it sends {word} with {string}", async function (this: Lab, option: string, disk: string) {
  const talk = this.part(NbdTalk);
  if (option === "EXPORT_NAME") talk.handshake.send(numberOf(options, option), Buffer.from(disk));
  else await talk.ask(numberOf(options, option), infoQuery(disk));
});
When("it sends {word} with {int} bytes", async function (this: Lab, option: string, bytes: number) {
  await this.part(NbdTalk).ask(numberOf(options, option), Buffer.alloc(bytes, 0xff));
});
When("it sends {word} for {string}", async function (this: Lab, option: string, disk: string) {
  await this.part(NbdTalk).ask(numberOf(options, option), contextQuery(disk, []));
});
When(
  "it sends {word} for {string}, asking {names}",
  async function (this: Lab, option: string, disk: string, contexts: string[]) {
    await this.part(NbdTalk).ask(numberOf(options, option), contextQuery(disk, contexts));
  },
);
When(
  "it sends {word} again and again while the server is stopped",
  async function (this: Lab, option: string) {
    const talk = this.part(NbdTalk);
    const stopped = this.stop();
    do await talk.ask(numberOf(options, option));
    while (talk.replies.at(-1)?.type === optionReplies["ACK"]);
    await stopped;
  },
);

/** By a client of its own, which then goes. */
const write = async (lab: Lab, disk: string, offset: number, bytes: Uint8Array): Promise<void> => {
  const client = await NbdClient.connect(await lab.part(NbdTalk).uriOf(disk));
  await client.write(offset, bytes);
  await client.disconnect();
};

const send = (lab: Lab, command: string, flags: number, length: number, offset: number): Promise<void> => {
  const talk = lab.part(NbdTalk);
  const carries = command === "WRITE" && talk.client.form === "extended";
  const head = { command: numberOf(commands, command), offset, length };
  const withFlags = { ...head, flags: flags | (carries ? numberOf(commandFlags, "PAYLOAD_LEN") : 0) };
  const hasPayload = command === "WRITE" || (flags & numberOf(commandFlags, "PAYLOAD_LEN")) !== 0;
  return talk.request(withFlags, hasPayload ? Buffer.alloc(length, FILLING) : undefined);
};
When(
  "it sends {word} for {size} at {size}",
  async function (this: Lab, command: string, length: number, offset: number) {
    await send(this, command, 0, length, offset);
  },
);
When(
  "it sends {word} with {flags} for {size} at {size}",
  async function (this: Lab, command: string, flags: number, length: number, offset: number) {
    await send(this, command, flags, length, offset);
  },
);
When(
  "it sends BLOCK_STATUS for {size} at {size} about {names}",
  async function (this: Lab, length: number, offset: number, contexts: string[]) {
    const talk = this.part(NbdTalk);
    const ids = contexts.map((name) => talk.client.contexts.get(name) ?? 0);
    const payload = Buffer.alloc(8 + 4 * ids.length);
    payload.writeBigUInt64BE(BigInt(length));
    for (const [n, id] of ids.entries()) payload.writeUInt32BE(id, 8 + 4 * n);
    const flags = numberOf(commandFlags, "PAYLOAD_LEN");
    const command = numberOf(commands, "BLOCK_STATUS");
    await talk.request({ command, flags, offset, length: payload.length }, payload);
  },
);
When("it zeroes {size} at {size}", async function (this: Lab, length: number, offset: number) {
  await this.part(NbdTalk).client.zero(offset, length);
});

When("it writes, zeroes, trims, caches, flushes and reads all over the disk", async function (this: Lab) {
  const talk = this.part(NbdTalk);
  const { client } = talk;
  const expected = await client.read(0, client.sizeBytes);
  const fua = { fua: true };
  for (let at = 0; at < client.sizeBytes; at += 16 * BLOCK_BYTES) {
    const bytes = Buffer.alloc(3 * BLOCK_BYTES, at / BLOCK_BYTES);
    await client.cache(at, 16 * BLOCK_BYTES);
    await client.write(at + 512, bytes, at % (32 * BLOCK_BYTES) === 0 ? fua : {});
    await client.zero(at + 4 * BLOCK_BYTES, 512);
    await client.zero(at + 5 * BLOCK_BYTES, 2 * BLOCK_BYTES, { keepSpace: true });
    await client.zero(at + 8 * BLOCK_BYTES, BLOCK_BYTES, { fast: true });
    await client.trim(at + 10 * BLOCK_BYTES, BLOCK_BYTES);
    bytes.copy(expected, at + 512);
    for (const [block, length] of [
      [4, 512],
      [5, 2 * BLOCK_BYTES],
      [8, BLOCK_BYTES],
      [10, BLOCK_BYTES],
    ] as const)
      expected.fill(0, at + block * BLOCK_BYTES, at + block * BLOCK_BYTES + length);
  }
  await client.flush();
  talk.bytes = expected;
});
When("it says DISC with a write still unanswered", async function (this: Lab) {
  const talk = this.part(NbdTalk);
  talk.writing = talk.client.write(0, Buffer.alloc(BLOCK_BYTES, FILLING));
  await talk.client.disconnect();
});
When("it says DISC", async function (this: Lab) {
  await this.part(NbdTalk).client.disconnect();
});
When(
  "it asks to write block {int}, which {string} keeps waiting until the server is being stopped",
  async function (this: Lab, block: number, datastore: string) {
    const talk = this.part(NbdTalk);
    const rehearsal = this.part(Rehearsal);
    await rehearsal.keepGuestWaiting({ datastore, operation: "write", block }, async () => {
      talk.writing = talk.client.write(block * BLOCK_BYTES, Buffer.alloc(BLOCK_BYTES, FILLING));
    });
    const stopped = this.stop();
    rehearsal.letGuestGoOn();
    await stopped;
  },
);
When(
  "QEMU zeroes {size} of {string} in one request",
  async function (this: Lab, length: number, disk: string) {
    const talk = this.part(NbdTalk);
    const said = await qemuIoTraced(await talk.uriOf(disk), [`write -z -n -u 0 ${length}`]);
    const zeroed = said.split("\n").filter((line) => line.includes("(write zeroes)"));
    assert.equal(zeroed.length, 1, said);
    assert.match(zeroed[0] ?? "", new RegExp(`\\.from = 0, \\.len = ${length},`));
    assert.match(said, new RegExp(`wrote ${length}/${length} bytes`));
  },
);

Then(/^the export answers (.+)$/, function (this: Lab, answer: string) {
  assert.equal(this.part(NbdTalk).answer, answer);
});
Then("these options are answered, and the next one served:", async function (this: Lab, table: DataTable) {
  const talk = this.part(NbdTalk);
  for (const { option = "", bytes, answer } of table.hashes()) {
    await talk.ask(numberOf(options, option), Buffer.alloc(Number(bytes), 0xff));
    assert.equal(talk.answer, answer, option);
    assert.ok((await talk.handshake.list()).length > 0);
  }
});
Then("these requests for {size} are answered:", async function (this: Lab, length: number, table: DataTable) {
  const talk = this.part(NbdTalk);
  for (const { command = "", flag = "", answer } of table.hashes()) {
    await send(this, command, numberOf(commandFlags, flag), length, 0);
    assert.equal(talk.answer, answer, `${command} with ${flag}`);
  }
});
Then(
  "these requests to {string} are answered, and the next one done:",
  async function (this: Lab, disk: string, table: DataTable) {
    const talk = this.part(NbdTalk);
    const uri = await talk.uriOf(disk);
    for (const { form, command = "", length = "", offset = "", answer } of table.hashes()) {
      const client = await talk.connect(uri, form as NbdForm);
      await send(this, command, 0, bytesOf(length), bytesOf(offset));
      assert.equal(talk.answer, answer, `${command} of ${length} at ${offset}`);
      await client.read(0, BLOCK_BYTES);
      await client.disconnect();
    }
  },
);
Then("it is hung up on", async function (this: Lab) {
  await this.part(NbdTalk).handshake.closed;
});
Then(
  "it is told of {size}, with {int} zeroes behind",
  async function (this: Lab, sizeBytes: number, zeroes: number) {
    const talk = this.part(NbdTalk);
    const told = await talk.handshake.stream.read(10 + zeroes);
    assert.equal(told.readBigUInt64BE(0), BigInt(sizeBytes));
    assert.deepEqual(told.subarray(10), Buffer.alloc(zeroes));
    talk.goOn("simple");
  },
);
Then("it can read", async function (this: Lab) {
  const { client } = this.part(NbdTalk);
  assert.notDeepEqual(await client.read(0, BLOCK_BYTES), Buffer.alloc(BLOCK_BYTES));
});
Then(
  "the answers name {names}, each described as {string}",
  function (this: Lab, disks: string[], description: string) {
    const told = this.part(NbdTalk)
      .replies.filter(({ type }) => type === optionReplies["SERVER"])
      .map(({ data }) => {
        const end = 4 + data.readUInt32BE(0);
        return { name: data.toString("utf8", 4, end), description: data.toString("utf8", end) };
      });
    assert.deepEqual(told.map(({ name }) => name).toSorted(), disks.toSorted());
    for (const one of told) assert.ok(one.description.startsWith(description), one.description);
  },
);
Then(/^it is told (EXPORT\b.+)$/, function (this: Lab, list: string) {
  const told = this.part(NbdTalk)
    .replies.filter(({ type }) => type === optionReplies["INFO"])
    .map(({ data }) => infos[data.readUInt16BE(0)]);
  assert.deepEqual(told.toSorted(), namesIn(list).toSorted());
});
Then("the contexts are {names}", function (this: Lab, contexts: string[]) {
  const told = this.part(NbdTalk)
    .replies.filter(({ type }) => type === optionReplies["META_CONTEXT"])
    .map(({ data }) => data.toString("utf8", 4));
  assert.deepEqual(told, contexts);
});
const flagsTold = (lab: Lab): readonly string[] => {
  const { flags } = lab.part(NbdTalk).client;
  const told = Object.entries(transmissionFlags).filter(([, bit]) => (flags & (1 << bit)) !== 0);
  return told.map(([name]) => name);
};
Then(/^it is told the flags (.+)$/, function (this: Lab, list: string) {
  const talk = this.part(NbdTalk);
  talk.flags = namesIn(list);
  assert.deepEqual(flagsTold(this).toSorted(), talk.flags.toSorted());
});
Then(/^it is told (.+) besides$/, function (this: Lab, list: string) {
  const wanted = [...this.part(NbdTalk).flags, ...namesIn(list)];
  assert.deepEqual(flagsTold(this).toSorted(), wanted.toSorted());
});
Then("the disk has what it wrote", async function (this: Lab) {
  const { client, bytes } = this.part(NbdTalk);
  assert.ok((await client.read(0, client.sizeBytes)).equals(bytes));
});
Then("the write is answered, and it is hung up on", async function (this: Lab) {
  const { client, writing } = this.part(NbdTalk);
  await writing;
  await client.closed;
});
Then(/^the chunks are (.+)$/, function (this: Lab, list: string) {
  const { answer, chunks } = this.part(NbdTalk);
  assert.equal(answer, "done");
  const types = chunks.map(({ type }) => nameOf(chunkTypes, type));
  assert.deepEqual(types, list === "none" ? [] : namesIn(list));
});
Then("each chunk has one extent", function (this: Lab) {
  for (const { data } of this.part(NbdTalk).chunks) assert.equal(data.length, 4 + 8);
});
Then(
  "{string} of {size} at {size} is",
  async function (this: Lab, context: string, length: number, offset: number, table: DataTable) {
    const { client } = this.part(NbdTalk);
    const told = (await client.status(offset, length)).get(context) ?? [];
    const wanted = table.raw().map(([size = "", state = ""]) => [bytesOf(size), Number(state)]);
    assert.deepEqual(
      told.map((extent) => [extent.length, extent.state]),
      wanted,
    );
  },
);
Then("the server has counted a client with {form} messages", async function (this: Lab, form: NbdForm) {
  const { text } = await this.call<{ text: string }>("metrics.read", {});
  assert.match(text, new RegExp(`^pagurus_nbd_clients_total\\{form="${form}"\\} [1-9]`, "m"));
});
Then("it reads what was written to block {int}", async function (this: Lab, block: number) {
  const read = await this.part(NbdTalk).client.read(block * BLOCK_BYTES, BLOCK_BYTES);
  assert.deepEqual(read, Buffer.alloc(BLOCK_BYTES, FILLING));
});
Then("a further client of {string} is turned away", async function (this: Lab, disk: string) {
  const uri = await this.part(NbdTalk).uriOf(disk);
  await assert.rejects(NbdClient.connect(uri), { code: "peer-lost" });
});
Then("a further client of {string} is let in in the end", async function (this: Lab, disk: string) {
  const talk = this.part(NbdTalk);
  const uri = await talk.uriOf(disk);
  for (;;)
    try {
      await talk.connect(uri, "simple");
      return;
    } catch (error) {
      // That the other one has gone is noticed a moment later.
      if (!CodedError.is(error, "peer-lost")) throw error;
    }
});
