import assert from "node:assert/strict";
import { can, DiskExport } from "pagurus";
import { Given, Then, When } from "pagurus/steps";
import type { Request } from "./disk-under-test.ts";
import { ExportUnderTest } from "./export/export-under-test.ts";
import { type GuestClient, Refused } from "./export/guest-client.ts";
import { assertHoldsWhatWasWritten, assertReads, assertSame } from "./export/holding.ts";
import { done, inTime } from "./export/in-time.ts";
import { runRandomRequests } from "./export/random-requests.ts";
import { pattern } from "./model.ts";
import { random } from "./random.ts";
import type { Kit } from "./world.ts";

const sector = 512;
const blockBytes = 4096;
const clientsAtMost = 3;

const part = (kit: Kit) => kit.part(ExportUnderTest);

const requests: Record<Request, (client: GuestClient, offset: number, length: number) => Promise<unknown>> = {
  read: (client, offset, length) => client.read(offset, length),
  write: (client, offset, length) => client.write(offset, Buffer.alloc(length, 0xbb)),
  zero: (client, offset, length) => client.zero(offset, length),
  flush: (client) => client.flush(),
};

/** The error that a request is answered with; fails where it is done, lost or not answered. */
const errorOf = async (request: Promise<unknown>, what: string): Promise<string> => {
  const answer = await inTime(
    request.then(
      () => undefined,
      (error: unknown) => error,
    ),
    `${what} was to be answered with an error`,
  );
  assert.ok(answer !== undefined, `${what} was to be refused, and was answered as done`);
  if (!(answer instanceof Refused)) throw answer;
  return answer.errno;
};

const assertRefused = async (
  kit: Kit,
  request: Request,
  { offset, length }: { readonly offset: number; readonly length: number },
  wanted: string,
) => {
  const what = `a ${request} of ${length} bytes at ${offset}`;
  const errno = await errorOf(requests[request](part(kit).client, offset, length), what);
  assert.ok(
    wanted.split(" or ").includes(errno),
    `${what} was to be refused as ${wanted}, and was as ${errno}`,
  );
};

Given(
  "{size} of {string} on it at {size}",
  function (this: Kit, length: number, word: string, offset: number) {
    part(this).disk.fill(offset, pattern(word, offset, length));
  },
);
Given("the exported disk can't zero fast", function (this: Kit) {
  part(this).disk.fastZero = false;
});
Given(
  "a move that has still to copy {size} of it at {size}",
  function (this: Kit, length: number, offset: number) {
    part(this).disk.dirtyRanges = [{ offset, length }];
  },
);

When("the client writes {size} at {size}", async function (this: Kit, length: number, offset: number) {
  await part(this).write(part(this).client, offset, length);
});
When(
  "client {int} writes {size} at {size}",
  async function (this: Kit, number: number, length: number, offset: number) {
    await part(this).write(part(this).clientOf(number), offset, length);
  },
);
When(
  "each client writes {size} of its own at {size}",
  async function (this: Kit, length: number, offset: number) {
    for (const [index, { disk }] of part(this).attached.entries())
      await part(this).write(part(this).clientOf(index + 1), offset, length, disk);
  },
);
When("the client zeroes {size} at {size}", async function (this: Kit, length: number, offset: number) {
  await done(part(this).client.zero(offset, length), `a zero of ${length} bytes at ${offset}`);
  part(this).disk.expected.zero(offset, length);
});
When("the client flushes", async function (this: Kit) {
  await done(part(this).client.flush(), "a flush");
});
When("client {int} flushes", async function (this: Kit, number: number) {
  await done(part(this).clientOf(number).flush(), "a flush");
});
When(
  "{int} random requests are sent by as many clients as may come",
  async function (this: Kit, count: number) {
    const { seed, effort } = this.parameters;
    const clients = can(this.instance(DiskExport), "many-clients") ? clientsAtMost : 1;
    for (let index = 0; index < clients; index++) await part(this).connect();
    const { disk } = part(this);
    disk.whim = random(seed + 1);
    await runRandomRequests(part(this).clients, disk, { count: count * effort, random: random(seed) });
    disk.whim = undefined;
  },
);
When("the exported disk grows to {size}", function (this: Kit, sizeBytes: number) {
  part(this).disk.grow(sizeBytes);
});
When(
  "the exported disk refuses its next {word} as {word}",
  function (this: Kit, request: Request, code: string) {
    part(this).disk.refuseNext(request, code);
  },
);

Then("the/each exported disk holds what was written", function (this: Kit) {
  for (const { disk } of part(this).attached) assertHoldsWhatWasWritten(disk);
});
Then(
  "the client reads {size} at {size} as the exported disk holds them",
  function (this: Kit, length: number, offset: number) {
    return assertReads(part(this).client, part(this).disk, offset, length);
  },
);
Then(
  "client {int} reads {size} at {size} as the exported disk holds them",
  function (this: Kit, number: number, length: number, offset: number) {
    return assertReads(part(this).clientOf(number), part(this).disk, offset, length);
  },
);
Then(
  "each client reads {size} at {size} as its disk holds them",
  async function (this: Kit, length: number, offset: number) {
    for (const [index, { disk }] of part(this).attached.entries())
      await assertReads(part(this).clientOf(index + 1), disk, offset, length);
  },
);
Then("the client's {word} is refused as {word}", function (this: Kit, request: Request, errno: string) {
  return assertRefused(this, request, { offset: 0, length: sector }, errno);
});
Then(
  "the client's {word} of {size} at {size} is refused as {string}",
  function (this: Kit, request: Request, length: number, offset: number, errnos: string) {
    return assertRefused(this, request, { offset, length }, errnos);
  },
);
Then(
  "the client's fast zero of {size} at {size} is refused as {string}",
  async function (this: Kit, length: number, offset: number, errno: string) {
    const zeroing = part(this).client.zero(offset, length, { fast: true });
    assert.equal(await errorOf(zeroing, "a fast zero of a disk that has none"), errno);
  },
);
Then("the exported disk was asked for nothing", async function (this: Kit) {
  const { disk } = part(this);
  await part(this).fence();
  const asked = [...disk.started.map(({ request }) => request), ...disk.improper];
  assert.equal(asked.join(", "), "", "what the disk can't do was handed on to it");
});
Then(
  "the client is told of a hole at {size}, and of none where there is data",
  async function (this: Kit, at: number) {
    const holes = await holesOf(this);
    assert.ok(
      holes.some(({ offset, length }) => offset <= at && at < offset + length),
      `there is a hole at ${at}, and the client isn't told of it`,
    );
  },
);
Then("the client is told of no hole where there is data", async function (this: Kit) {
  await holesOf(this);
});
Then(
  "the client is told that {size} at {size} are dirty, and nothing else",
  async function (this: Kit, length: number, offset: number) {
    const { client, disk } = part(this);
    const told = await inTime(client.dirty(0, disk.sizeBytes), "what is dirty was to be told");
    const dirty = told.filter((extent) => extent.dirty);
    assert.equal(
      dirty.map((extent) => `${extent.length} bytes at ${extent.offset}`).join(", "),
      `${length} bytes at ${offset}`,
      "what a move has still to copy is not what the client is told",
    );
  },
);

/** The holes that the client is told of; fails where one of them isn't. */
const holesOf = async (kit: Kit) => {
  const { client, disk } = part(kit);
  const told = await inTime(client.extents(0, disk.sizeBytes), "holes were to be told");
  const holes = told.filter(({ zero }) => zero);
  for (const { offset, length } of holes)
    for (let at = offset; at < offset + length; at += blockBytes)
      assertSame(
        disk.content.slice(at, blockBytes),
        Buffer.alloc(blockBytes),
        at,
        "a range that the client is told to be a hole",
      );
  return holes;
};
