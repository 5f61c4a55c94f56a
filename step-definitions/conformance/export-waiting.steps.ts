import assert from "node:assert/strict";
import { Then, When } from "pagurus/steps";
import type { Request } from "./disk-under-test.ts";
import { ExportUnderTest } from "./export/export-under-test.ts";
import { assertModel, assertSame } from "./export/holding.ts";
import { inTime } from "./export/in-time.ts";
import type { Kit } from "./world.ts";

const blockBytes = 4096;
const slot = 16 * 1024;
const writeBytes = 64 * 1024;
/** Writes that are sent together. */
const burst = 16;
/** How often a client of another disk is served before what isn't taken counts as held up. */
const patience = 10;

const part = (kit: Kit) => kit.part(ExportUnderTest);

const kinds: Readonly<Record<string, Request>> = {
  reads: "read",
  writes: "write",
  zeroes: "zero",
  flushes: "flush",
};

/** `writes` of “takes its time over writes”. */
const kindOf = (plural: string): Request => {
  const kind = kinds[plural];
  if (!kind) throw new Error(`there are no ${plural}; there are ${Object.keys(kinds).join(", ")}`);
  return kind;
};

When("the exported disk holds its requests", function (this: Kit) {
  part(this).disk.hold();
});
When("the exported disk goes on", function (this: Kit) {
  part(this).disk.release();
});
When("the exported disk takes its time over {word}", function (this: Kit, kind: string) {
  part(this).disk.slowDown(kindOf(kind));
});
When(
  "the exported disk takes its time over {word} and {word}",
  function (this: Kit, one: string, other: string) {
    part(this).disk.slowDown(kindOf(one), kindOf(other));
  },
);
When("the exported disk catches up", async function (this: Kit) {
  part(this).disk.catchUp();
  await part(this).fence();
});
When("the exported disk catches up with its writes", async function (this: Kit) {
  part(this).disk.catchUp({ only: "write" });
  await part(this).fence();
});
When("the exported disk catches up, the last first", async function (this: Kit) {
  part(this).disk.catchUp({ lastFirst: true });
  await part(this).fence();
});
When("the exported disk's home is full", function (this: Kit) {
  part(this).disk.full = true;
});
When("the exported disk changes its home", function (this: Kit) {
  part(this).disk.changeHome();
});

When(
  "the client sends {int} write(s) of {size}, side by side",
  async function (this: Kit, count: number, length: number) {
    for (let index = 0; index < count; index++) part(this).sendWrite(index * length, length);
    await part(this).fence();
  },
);
When(
  "the client sends {int} reads of {size}, side by side",
  async function (this: Kit, count: number, length: number) {
    for (let index = 0; index < count; index++)
      part(this).sent.add(`the read at ${index * length}`, part(this).client.read(index * length, length));
    await part(this).fence();
  },
);
When("the client sends a flush", async function (this: Kit) {
  part(this).sent.add("the flush", part(this).client.flush());
  await part(this).fence();
});
When(
  "the client sends a durable write of {size} at {size}",
  async function (this: Kit, length: number, offset: number) {
    part(this).sendWrite(offset, length, { fua: true });
    await part(this).fence();
  },
);
When(
  "the client sends {int} writes at {size}, each {size} longer than the one before",
  async function (this: Kit, count: number, offset: number, step: number) {
    for (let index = 1; index <= count; index++) part(this).sendWrite(offset, index * step);
    await part(this).fence();
  },
);
When(
  "the client sends {int} reads, {int} writes, {int} zeroes and {int} flush(es)",
  async function (this: Kit, reads: number, writes: number, zeroes: number, flushes: number) {
    const { client, sent } = part(this);
    for (let index = 0; index < reads; index++)
      sent.add(`read ${index}`, client.read(3 * index * slot, blockBytes));
    for (let index = 0; index < writes; index++) part(this).sendWrite((3 * index + 1) * slot, blockBytes);
    for (let index = 0; index < zeroes; index++)
      sent.add(`zero ${index}`, client.zero((3 * index + 2) * slot, blockBytes));
    for (let index = 0; index < flushes; index++) sent.add(`flush ${index}`, client.flush());
    await part(this).fence();
  },
);
When("the client sends up to {size} for as long as that is taken", async function (this: Kit, total: number) {
  const { client, sent } = part(this);
  const bytes = part(this).freshBytes(0, writeBytes);
  for (let at = 0; at < total && client.unsentBytes === 0; at += burst * writeBytes) {
    for (let index = 0; index < burst; index++) sent.add(`a write after ${at} bytes`, client.write(0, bytes));
    for (let waited = 0; waited < patience && client.unsentBytes > 0; waited++) await part(this).fence();
  }
});
When("much else is read and written", async function (this: Kit) {
  await part(this).trafficBeside();
});
When("the client vanishes as the exported disk goes on", async function (this: Kit) {
  // In one turn of the event loop: nobody in this process has heard of it but the kernel.
  part(this).client.vanish();
  part(this).disk.release();
  await part(this).fence();
});

Then("no request is answered", function (this: Kit) {
  const [early] = part(this).sent.answered;
  assert.ok(!early, `${early?.what} was answered (${early?.outcome}) before the disk had answered it`);
});
Then("every request is done", async function (this: Kit) {
  await part(this).sent.assertDone();
});
Then("the last client's requests are done", async function (this: Kit) {
  await part(this).sent.assertDone(part(this).sent.all.slice(-1));
});
Then(
  "{int} requests are done and 1 is refused as {word}",
  async function (this: Kit, done: number, errno: string) {
    const { sent } = part(this);
    await sent.settled();
    const outcomes = sent.all.map(({ outcome }) => outcome).sort();
    assert.deepEqual(
      outcomes,
      [errno, ...Array<string>(done).fill("done")],
      `one request was to be refused as ${errno} and ${done} were to be done; they ended as ${outcomes.join(", ")}`,
    );
  },
);
Then("none of the client's requests has started", function (this: Kit) {
  assert.deepEqual(
    part(this).disk.started.map(({ request, offset }) => `${request} at ${offset}`),
    [],
    "a dead client's held requests were started: its peer was called alive",
  );
});
Then("the exported disk was written in that order", function (this: Kit) {
  const writes = part(this).disk.started.filter(({ request }) => request === "write");
  const lengths = writes.map(({ length }) => length);
  assert.deepEqual(
    lengths,
    [...lengths].sort((a, b) => a - b),
    `writes that were sent from the shortest to the longest reached the disk with lengths of ${lengths.join(", ")}`,
  );
});
Then(
  "the exported disk was asked for {int} reads, {int} writes, {int} zeroes and {int} flush(es)",
  function (this: Kit, reads: number, writes: number, zeroes: number, flushes: number) {
    const { started } = part(this).disk;
    const count = (request: Request) => started.filter((one) => one.request === request).length;
    const found = { read: count("read"), write: count("write"), zero: count("zero"), flush: count("flush") };
    const wanted = { read: reads, write: writes, zero: zeroes, flush: flushes };
    assert.deepEqual(
      found,
      wanted,
      `each request was to be done once, as ${JSON.stringify(wanted)}; the disk was asked for ${JSON.stringify(found)}`,
    );
  },
);
Then("at most {size} of it are taken", function (this: Kit, limit: number) {
  const { client, sent } = part(this);
  const taken = sent.all.length * writeBytes - client.unsentBytes;
  assert.ok(
    taken <= limit,
    `the export took ${taken} bytes from a client whose disk is held; ${limit} are enough`,
  );
});
Then("each read is answered with what the exported disk holds there", async function (this: Kit) {
  const { sent, disk } = part(this);
  await sent.assertDone();
  for (const [index, { bytes }] of sent.all.entries()) {
    const found = await bytes;
    const length = found?.length ?? 0;
    assertSame(
      found ?? new Uint8Array(0),
      disk.content.slice(index * length, length),
      index * length,
      "an answer",
    );
  }
});
Then("what was written survives a loss of power", function (this: Kit) {
  const { disk } = part(this);
  assertModel(disk.durable, disk.expected, "what a loss of power leaves");
});
Then("the exported disk holds what was sent", async function (this: Kit) {
  const { disk } = part(this);
  await disk.until(() => disk.waiting === 0, "the disk was to end what it had started");
  await inTime(part(this).fence(), "a client of another disk was to be answered");
  for (const { offset, bytes } of part(this).sentWrites)
    assertSame(
      disk.content.slice(offset, bytes.length),
      bytes,
      offset,
      "what was started for a client that is gone",
    );
});
