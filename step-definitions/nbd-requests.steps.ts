import assert from "node:assert/strict";
import { type DataTable, defineParameterType, Then, When } from "pagurus/steps";
import type { NbdForm } from "pagurus/testing";
import { BLOCK_BYTES } from "./lab/blocks.ts";
import { qemuIoTraced } from "./support/extended-qemu.ts";
import { chunkTypes, commandFlags, commands, nameOf, namesIn, numberOf } from "./support/nbd-numbers.ts";
import { FILLING, NbdTalk } from "./support/nbd-talk.ts";
import { bytesOf } from "./support/sizes.ts";
import type { Lab } from "./world.ts";

/** Command flags: `FUA and DF`. */
defineParameterType({
  name: "flags",
  regexp: /[A-Z_]+(?: and [A-Z_]+)*|bit 15/,
  transformer: (text: string) =>
    namesIn(text).reduce((flags, name) => flags | numberOf(commandFlags, name), 0),
});

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

/** Nor is there one: where the header doesn't announce it, the next request follows. */
When(
  "it sends WRITE without PAYLOAD_LEN for {size} at {size}",
  async function (this: Lab, length: number, offset: number) {
    await this.part(NbdTalk).request({ command: numberOf(commands, "WRITE"), offset, length });
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

Then("it can read", async function (this: Lab) {
  const { client } = this.part(NbdTalk);
  assert.notDeepEqual(await client.read(0, BLOCK_BYTES), Buffer.alloc(BLOCK_BYTES));
});

Then("the disk has what it wrote", async function (this: Lab) {
  const { client, bytes } = this.part(NbdTalk);
  assert.ok((await client.read(0, client.sizeBytes)).equals(bytes));
});

Then(/^the chunks are (.+)$/, function (this: Lab, list: string) {
  const { answer, chunks } = this.part(NbdTalk);
  assert.equal(answer, "done");
  const types = chunks.map(({ type }) => nameOf(chunkTypes, type));
  assert.deepEqual(types, list === "none" ? [] : namesIn(list));
});

Then("the chunk that refuses it is {word}", function (this: Lab, type: string) {
  const { refusedBy } = this.part(NbdTalk);
  assert.equal(refusedBy === undefined ? "none" : nameOf(chunkTypes, refusedBy), type);
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
