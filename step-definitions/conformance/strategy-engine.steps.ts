import assert from "node:assert/strict";
import { Then, When } from "pagurus/steps";
import { BLOCK_BYTES } from "./strategy/move-under-test.ts";
import { cancelled, Moves } from "./strategy/moves.ts";
import type { Kit } from "./world.ts";

const patient = "the strategy was to go on for as long as its operator waits";

When("the engine asks whenever it is ready", function (this: Kit) {
  this.part(Moves).it.askWhenReady();
});
When("the engine asks for its switch-over", async function (this: Kit) {
  const { it, time } = this.part(Moves);
  it.askWhenReady();
  await time.settle();
});
When("the engine asks for its switch-over, and takes that back at once", async function (this: Kit) {
  const { it, time } = this.part(Moves);
  it.askAndTakeBack();
  await time.settle();
});
When("its switch-over takes longer than it may", async function (this: Kit) {
  const moves = this.part(Moves);
  const { it, time } = moves;
  const flushing = it.hold("target", "flush-started");
  void it.ask();
  await moves.untilThere(flushing, "the strategy was to answer the engine's request");
  time.clock.advance(it.budgets.maxPauseMs);
  await time.settle();
  assert.equal(it.move.guestHeld, false, "the guest is held for longer than the move may hold it");
});
When("every switch-over takes longer than it may", async function (this: Kit) {
  const { it, time } = this.part(Moves);
  it.target.pause = async () => {
    if (it.move.guestHeld && it.target.asked.at(-1)?.operation === "flush")
      await time.clock.sleep(2 * it.budgets.maxPauseMs);
  };
  const allowed = it.budgets.maxAttempts;
  it.askWhenReady();
  const enough = () => it.ending !== undefined || it.holds > allowed;
  await time.until("the strategy was to give up, or try again", enough);
});
When("the operator allows a pause of {int} ms", function (this: Kit, maxPauseMs: number) {
  this.part(Moves).it.adjust({ maxPauseMs });
});
When("the operator allows {size} a second", function (this: Kit, maxBytesPerSecond: number) {
  this.part(Moves).it.adjust({ maxBytesPerSecond });
});
When("its guest has kept that up for {int} seconds", async function (this: Kit, seconds: number) {
  const { it, time } = this.part(Moves);
  const fromMs = time.clock.monotonicMs();
  const over = () => time.clock.monotonicMs() - fromMs >= seconds * 1000 || it.ending !== undefined;
  await time.until(patient, over, 2 * seconds * 1000);
  assert.equal(
    it.ending,
    undefined,
    `the move ended though its operator waits: ${JSON.stringify(it.ending)}`,
  );
});
When("its guest rests", function (this: Kit) {
  this.part(Moves).it.target.fault = () => undefined;
});
When("the move is cancelled", async function (this: Kit) {
  const { it, time } = this.part(Moves);
  it.cancel.abort(cancelled());
  await time.settle();
});
When("the move of disk {int} is cancelled", function (this: Kit, number: number) {
  this.part(Moves)
    .at(number - 1)
    .cancel.abort(cancelled());
});

Then("its guest was held once, and no longer than it may be", async function (this: Kit) {
  const { it } = this.part(Moves);
  assert.ok(it.ending && "result" in it.ending);
  const { attempts, pauseMs } = it.ending.result;
  const pause = `${Math.ceil(pauseMs)} ms`;
  assert.ok(
    attempts === 1 && pauseMs <= it.budgets.maxPauseMs,
    `the guest was to be held once, for at most ${it.budgets.maxPauseMs} ms; it was ${attempts} times, up to ${pause}`,
  );
});
Then("its guest was held {int} times, and no longer than it may be", function (this: Kit, times: number) {
  const { it } = this.part(Moves);
  assert.equal(it.holds, times, "so often the guest was held");
  const failure = it.ending && "failure" in it.ending ? it.ending.failure : undefined;
  const { heldMs } = (failure as { readonly data: { readonly heldMs: number } }).data;
  assert.ok(heldMs <= it.budgets.maxPauseMs, `the guest was held for ${heldMs} ms`);
});
Then("its guest was not held for it", function (this: Kit) {
  const { it } = this.part(Moves);
  assert.equal(it.holds, it.holdsAtFailure, "the guest was held though the target had failed already");
});
Then("the guest's write of block {int} is in the source", function (this: Kit, block: number) {
  const { it } = this.part(Moves);
  const [from, to] = [block * BLOCK_BYTES, (block + 1) * BLOCK_BYTES];
  assert.deepEqual(it.source.bytes.subarray(from, to), it.expected.subarray(from, to));
});
Then("the engine is told that it is not ready", async function (this: Kit) {
  const { it, time } = this.part(Moves);
  await time.until("the strategy was to say that the disk is no longer ready", () => it.takenBack > 0);
});
Then("no more than {size} were copied", function (this: Kit, most: number) {
  const { it } = this.part(Moves);
  const asked = it.target.asked.filter(({ operation }) => operation === "write");
  const bytes = asked.reduce((sum, { length }) => sum + length, 0) - it.expected.length;
  assert.ok(bytes <= most, `${bytes} bytes were copied though ${most} were allowed`);
});
Then("its progress has only grown, and is nearly done", async function (this: Kit) {
  const { it } = this.part(Moves);
  const told = it.percents;
  assert.deepEqual(
    told,
    told.toSorted((a, b) => a - b),
    "the percentage ran backwards",
  );
  const percent = Number(it.move.progress()["percent"]);
  assert.ok(percent >= 90, `all but the switch-over is done, and ${percent} % are told`);
});
Then(
  "its account tells of one bulk copy, and of what was copied while the guest was held",
  function (this: Kit) {
    const { it } = this.part(Moves);
    assert.ok(it.ending && "result" in it.ending);
    const { rounds } = it.ending.result;
    const [first, ...others] = rounds;
    assert.deepEqual([first?.kind, first?.blocks], ["bulk", it.blocks], "the first round, and its blocks");
    assert.deepEqual(
      others.filter(({ kind }) => kind === "bulk"),
      [],
      "no later round is a bulk copy",
    );
    const last = others.filter(({ kind }) => kind === "final");
    assert.ok(last.length <= it.holds, "more last rounds are told of than the guest was held for");
  },
);
