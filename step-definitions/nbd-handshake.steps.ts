import assert from "node:assert/strict";
import { type DataTable, Given, Then, When } from "pagurus/steps";
import { namesIn, numberOf, optionReplies, options, transmissionFlags } from "./support/nbd-numbers.ts";
import { contextQuery, infoQuery, NbdTalk } from "./support/nbd-talk.ts";
import type { Lab } from "./world.ts";

const SHAKEN: Readonly<Record<string, number>> = {
  "no flags": 0,
  FIXED_NEWSTYLE: 1,
  "FIXED_NEWSTYLE and NO_ZEROES": 3,
  "an unknown flag": 0x81,
};

const infos = ["EXPORT", "NAME", "DESCRIPTION", "BLOCK_SIZE"];

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

/** At once: who is only slow to choose is answered, and hung up on much later. */
Then("it is hung up on", async function (this: Lab) {
  const { handshake } = this.part(NbdTalk);
  await assert.rejects(handshake.ask(numberOf(options, "LIST")), { code: "peer-lost" });
  await handshake.closed;
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
