import assert from "node:assert/strict";
import { z } from "pagurus";
import { Given, Then, When } from "pagurus/steps";
import { onlyGuest, writeBlocks } from "./lab/guest-writes.ts";
import { Rehearsal } from "./lab/rehearsal.ts";
import type { Lab } from "./world.ts";

Given("moves may copy {size} a second", function (this: Lab, maxBytesPerSecond: number) {
  this.moveOptions = { ...this.moveOptions, maxBytesPerSecond };
});

Given("moves wait for their operator", function (this: Lab) {
  this.moveOptions = { ...this.moveOptions, switchOver: "manual" };
});

When("the move of {names} to {string} is started", async function (this: Lab, disks: string[], to: string) {
  await this.startMove(disks, to);
});

When("the operator changes the move to {json}", async function (this: Lab, changes: string) {
  await this.call("migrations.adjust", { id: this.job, ...JSON.parse(changes) });
});

When(
  "the operator changes the move to {json}, until {string} is to write block {int}",
  async function (this: Lab, changes: string, datastore: string, block: number) {
    await this.part(Rehearsal).holdAt({ datastore, operation: "write", block }, "hold-before", async () => {
      await this.call("migrations.adjust", { id: this.job, ...JSON.parse(changes) });
    });
  },
);

When("the operator lets the move switch over", async function (this: Lab) {
  await this.call("migrations.switch", { id: this.job });
});

When("the operator lets the move switch over as soon as it is ready", async function (this: Lab) {
  await this.call("migrations.switch", { id: this.job, whenReady: true });
});

When(
  "the operator lets the move switch over, until {string} is to write block {int}",
  async function (this: Lab, datastore: string, block: number) {
    await this.part(Rehearsal).holdAt({ datastore, operation: "write", block }, "hold-before", async () => {
      await this.call("migrations.switch", { id: this.job });
    });
  },
);

/** Whatever the copy takes with the first block, it has taken up what was written. */
When(
  "the guest writes blocks {numbers}, and the copy to {string} follows",
  async function (this: Lab, blocks: number[], datastore: string) {
    const guest = await onlyGuest(this);
    const rehearsal = this.part(Rehearsal);
    const first = { datastore, operation: "write", block: blocks[0] ?? 0 } as const;
    await rehearsal.holdAt(first, "hold-before", () => writeBlocks(this, guest, blocks));
    rehearsal.goOn();
  },
);

When(
  "the guest writes blocks {numbers} in each of {int} rounds of copying to {string}",
  async function (this: Lab, blocks: number[], rounds: number, datastore: string) {
    const guest = await onlyGuest(this);
    const rehearsal = this.part(Rehearsal);
    const next = { datastore, operation: "write", block: blocks[0] ?? 0 } as const;
    const write = () => writeBlocks(this, guest, blocks);
    await rehearsal.holdAt(next, "hold-before", write);
    for (let round = 1; round < rounds; round++) {
      await write();
      await rehearsal.goOnTo(next);
    }
    rehearsal.goOn();
  },
);

When(
  "the server dies while a move of {names} to {string} waits for its operator",
  async function (this: Lab, disks: string[], to: string) {
    await this.startDoomed("never");
    for (const disk of disks) {
      const guest = await this.connect(disk);
      await writeBlocks(this, guest, [0]);
      await guest.flush();
    }
    const job = await this.startMove(disks, to);
    await this.events.happened((event) => event.type === "job.ready" && event.job === job);
    await this.stop();
  },
);

const Shown = z.looseObject({
  input: z.record(z.string(), z.unknown()),
  progress: z.looseObject({ budgets: z.record(z.string(), z.unknown()) }),
});

Then("the move goes by {json}", async function (this: Lab, json: string) {
  const expected: Readonly<Record<string, unknown>> = JSON.parse(json);
  const { input, progress } = Shown.parse(await this.showJob());
  for (const [name, value] of Object.entries(expected)) {
    assert.equal(progress.budgets[name], value, `${name} of its progress`);
    assert.equal(input[name] ?? null, value, `${name} of its record`);
  }
});

Then(
  "changing the move to {json} is refused as {word}",
  async function (this: Lab, json: string, code: string) {
    await assert.rejects(this.call("migrations.adjust", { id: this.job, ...JSON.parse(json) }), { code });
  },
);

Then("letting the move switch over is refused as {word}", async function (this: Lab, code: string) {
  await assert.rejects(this.call("migrations.switch", { id: this.job }), { code });
});

Then("the move gets ready, and tells what its pause would be", async function (this: Lab) {
  const { data } = await this.events.happened(({ type, job }) => type === "job.ready" && job === this.job);
  assert.equal(data["phase"], "ready");
  assert.equal(typeof data["predictedPauseMs"], "number");
  const { state, phase } = await this.showJob();
  assert.deepEqual({ state, phase }, { state: "running", phase: "ready" });
});

Then("{string} is still in {string}", async function (this: Lab, disk: string, datastore: string) {
  assert.equal((await this.showDisk(disk)).datastore, datastore);
});

const Paused = z.looseObject({
  state: z.literal("succeeded"),
  pauseMs: z.number(),
  maxPauseMs: z.number(),
  pauseBudgetExceeded: z.boolean(),
  warnings: z.array(z.string()),
});

Then("the move has succeeded, and tells that its pause was longer than allowed", async function (this: Lab) {
  const { pauseMs, maxPauseMs, pauseBudgetExceeded, warnings } = Paused.parse(await this.jobEnded());
  assert.ok(pauseBudgetExceeded && pauseMs > maxPauseMs, `${pauseMs} of ${maxPauseMs} ms`);
  assert.ok(
    warnings.some((warning) => warning.includes("longer than its budget")),
    warnings.join(),
  );
});
