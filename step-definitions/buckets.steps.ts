import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "pagurus";
import { Given, Then, When } from "pagurus/steps";
import { firstContent } from "./lab/blocks.ts";
import { BusyGuest } from "./lab/busy-guest.ts";
import type { JobView } from "./lab/job-view.ts";
import { Buckets } from "./support/buckets.ts";
import { LocalServer } from "./support/local-server.ts";
import type { Lab, LabPart } from "./world.ts";

/** A server is away for as long as it takes until that is told. */
const timeout = 120_000;
const LOOK_MS = 50;
/** What a disk is filled with at one go. */
const FILL_BYTES = 4 * 1024 * 1024;
/** Small enough that not all of a disk fits into the memory of those that wait to be sent. */
const SMALL = { segmentBytes: 256 * 1024, window: 4, maxBufferedBytes: 16 * 1024 * 1024 };

/** The guest that is at work in the background. */
class AtWork implements LabPart {
  busy: BusyGuest | undefined;

  async end(): Promise<void> {
    await this.busy?.stop().catch(() => undefined);
  }
}

/** How many calls have waited so long for the store of a datastore that it is told. */
const waitingCalls = async (lab: Lab, datastore: string): Promise<number> => {
  const server = lab.part(LocalServer);
  const { text } = await (server.running ? server : lab).call<{ text: string }>("metrics.read", {});
  const [, count = "0"] =
    RegExp(`^pagurus_bucket_waiting_calls\\{[^}]*datastore="${datastore}"[^}]*\\} (\\d+)`, "m").exec(text) ??
    [];
  return Number(count);
};

Given("the datastore {string} is a bucket of MinIO", async function (this: Lab, id: string) {
  await this.part(Buckets).add(id);
});

Given("the datastore {string} is a bucket of another MinIO", async function (this: Lab, id: string) {
  await this.part(Buckets).addElsewhere(id);
});

Given("the datastore {string} is in the bucket of {string}", function (this: Lab, id: string, other: string) {
  this.part(Buckets).addBeside(id, other);
});

Given("{string} makes small objects and keeps few", function (this: Lab, id: string) {
  this.part(Buckets).configure(id, SMALL);
});

Given(
  "a disk {string} of {size} in {string} with something written everywhere",
  { timeout },
  async function (this: Lab, disk: string, size: number, datastore: string) {
    await this.createDisk(disk, size, datastore);
    const guest = await this.connect(disk);
    const content = firstContent(size);
    for (let at = 0; at < size; at += FILL_BYTES)
      await guest.write(at, content.subarray(at, at + FILL_BYTES));
    await guest.flush();
  },
);

When("the guest of {string} goes to work", async function (this: Lab, disk: string) {
  this.part(AtWork).busy = new BusyGuest(await this.connect(disk));
});

When(
  "{string} is moved to {string} while its guest works",
  { timeout },
  async function (this: Lab, disk: string, to: string) {
    const busy = new BusyGuest(await this.connect(disk));
    this.part(AtWork).busy = busy;
    await this.startMove([disk], to);
    await this.jobEnded();
    const answered = busy.answered;
    while (busy.answered === answered) await sleep(LOOK_MS);
    await busy.stop();
  },
);

When("the MinIO of {string} is gone", async function (this: Lab, id: string) {
  await this.part(Buckets).placeOf(id).proxy.goDown();
});

When("the MinIO of {string} is back", async function (this: Lab, id: string) {
  await this.part(Buckets).placeOf(id).proxy.comeUp();
});

When("the MinIO of {string} takes {int} ms longer", function (this: Lab, id: string, delayMs: number) {
  this.part(Buckets).placeOf(id).proxy.delayMs = delayMs;
});

When("the MinIO of {string} keeps what it is sent waiting", function (this: Lab, id: string) {
  this.part(Buckets).holdObjects(id);
});

When("the MinIO of {string} takes what it was sent", async function (this: Lab, _id: string) {
  await this.part(Buckets).letObjectsGo();
});

Then(
  "the server tells that {string} does not answer",
  { timeout },
  async function (this: Lab, datastore: string) {
    while ((await waitingCalls(this, datastore)) === 0) await sleep(LOOK_MS);
  },
);

Then(
  "the server tells no longer that {string} does not answer",
  { timeout },
  async function (this: Lab, datastore: string) {
    while ((await waitingCalls(this, datastore)) > 0) await sleep(LOOK_MS);
  },
);

/** In the end: what could not be removed is tried again after a while. */
Then("nothing that belongs to no disk is left in buckets", { timeout }, async function (this: Lab) {
  while ((await this.part(Buckets).wrongs()).length > 0) await sleep(LOOK_MS);
});

Then("the server's move has succeeded", { timeout }, async function (this: Lab) {
  const server = this.part(LocalServer);
  const { items } = await server.call<{ items: readonly JobView[] }>("jobs.list", { limit: 1 });
  const [job] = items;
  assert.ok(job, "there is a move");
  await server.jobTells(job.id, ({ type }) => type === "job.ended");
  const { state, report } = await server.call<JobView>("jobs.show", { id: job.id });
  assert.equal(state, "succeeded", JSON.stringify(report));
});

Then("all that the guest asked for was answered well", { timeout }, async function (this: Lab) {
  const { busy } = this.part(AtWork);
  assert.ok(busy, "a guest is at work");
  const answered = busy.answered;
  while (busy.answered === answered) await sleep(LOOK_MS);
  await busy.stop();
});

const Pauses = z.looseObject({
  pauseMs: z.number(),
  maxPauseMs: z.number(),
  pauseBudgetExceeded: z.boolean(),
  predictedPauseMs: z.number(),
});

Then("its pause was within what was allowed, or is told to have been longer", async function (this: Lab) {
  const { pauseMs, maxPauseMs, pauseBudgetExceeded } = Pauses.parse(await this.jobEnded());
  assert.equal(pauseBudgetExceeded, pauseMs > maxPauseMs, `${pauseMs} of ${maxPauseMs} ms`);
});

Then(
  "its pause was at least {int} ms, and it was predicted to be",
  async function (this: Lab, leastMs: number) {
    const { pauseMs, predictedPauseMs } = Pauses.parse(await this.jobEnded());
    assert.ok(pauseMs >= leastMs, `it was ${pauseMs} ms`);
    assert.ok(predictedPauseMs >= leastMs, `predicted were ${predictedPauseMs} ms`);
  },
);
