import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { defineParameterType, Given, Then, When } from "pagurus/steps";
import { random } from "./random.ts";
import { BLOCK_BYTES } from "./strategy/move-under-test.ts";
import { Moves } from "./strategy/moves.ts";
import { replay, type TraceKind, traceKinds, traceOf } from "./strategy/traces.ts";
import { type Trouble, takes, troubleNames, troubleOf } from "./strategy/troubles.ts";
import type { Kit } from "./world.ts";

defineParameterType({
  name: "trouble",
  regexp: new RegExp(troubleNames.join("|")),
  transformer: troubleOf,
});
defineParameterType({
  name: "trace",
  regexp: new RegExp(traceKinds.join("|")),
  transformer: (kind: string) => kind as TraceKind,
});

Given("a disk of {size} for the strategy to move", function (this: Kit, sizeBytes: number) {
  this.part(Moves).add(sizeBytes);
});
Given("{int} disks of {size} for the strategy to move", function (this: Kit, count: number, size: number) {
  for (let added = 0; added < count; added++) this.part(Moves).add(size);
});
Given("its move may hold the guest for {int} ms", function (this: Kit, maxPauseMs: number) {
  const { it } = this.part(Moves);
  it.budgets = { ...it.budgets, maxPauseMs };
});
Given("its move may try to switch over {int} times", function (this: Kit, maxAttempts: number) {
  const { it } = this.part(Moves);
  it.budgets = { ...it.budgets, maxAttempts };
});
Given("its move waits patiently for its operator", function (this: Kit) {
  const { it } = this.part(Moves);
  it.budgets = { ...it.budgets, patient: true };
  it.asks = false;
});
Given(
  /^its (source|target|source and target) takes? 1 ms for each block$/,
  function (this: Kit, sides: string) {
    const { it, time } = this.part(Moves);
    const pass = (ms: number) => time.clock.passUnnoticed(ms);
    if (sides.includes("source")) takes(it.source, "read", { ms: 1, pass });
    if (sides.includes("target")) takes(it.target, "write", { ms: 1, pass });
  },
);
Given("{trouble} while it is moved", function (this: Kit, trouble: Trouble) {
  trouble(this.part(Moves).it);
});
Given("its guest writes each block again when that was copied", function (this: Kit) {
  const { it } = this.part(Moves);
  const before = it.target.fault;
  it.target.fault = (asked) => {
    before(asked);
    if (asked.operation !== "write" || it.move.owner === it.target) return;
    for (let at = asked.offset; at < asked.offset + asked.length; at += BLOCK_BYTES)
      void it.write(Math.floor(at / BLOCK_BYTES));
  };
});

When("the strategy moves it", function (this: Kit) {
  this.part(Moves).it.start();
});
When("the strategy moves them all at once", function (this: Kit) {
  for (const move of this.part(Moves).all) move.start();
});
When("the strategy moves it, up to the end of its first copy", async function (this: Kit) {
  const moves = this.part(Moves);
  const held = moves.it.holdLastBlock();
  moves.it.start();
  await moves.untilThere(held, "the strategy was to copy the whole disk");
});
When("the strategy moves it until it is ready, and the engine waits", async function (this: Kit) {
  const moves = this.part(Moves);
  moves.it.asks = false;
  moves.it.start();
  await moves.untilReady();
});
When("the move goes on", function (this: Kit) {
  this.part(Moves).it.goOn();
});
When("the disk's guest writes block {int}", async function (this: Kit, block: number) {
  await this.part(Moves).it.write(block);
});
When("the disk's guest writes every block", function (this: Kit) {
  this.part(Moves).it.writeAll();
});
When(
  "the disk's guest asks to write block {int}, which takes its time",
  async function (this: Kit, block: number) {
    const { it } = this.part(Moves);
    const held = it.hold("source", "write-started");
    void it.write(block);
    await held.reached;
  },
);
When(
  "the disk's guest writes {int} blocks, {int} every 10 ms",
  async function (this: Kit, count: number, each: number) {
    const { it, time } = this.part(Moves);
    for (let block = 0; block < count; block++) {
      void it.write(block % it.blocks);
      if (block % each === each - 1) await time.pass(10);
    }
  },
);
When("{int} ms pass for the move", async function (this: Kit, ms: number) {
  await this.part(Moves).time.pass(ms);
});
When(
  "the strategy moves it while its guest does the {trace} trace",
  async function (this: Kit, kind: TraceKind) {
    const moves = this.part(Moves);
    const { it, time } = moves;
    const { seed, effort } = this.parameters;
    const trace = traceOf(kind, { blocks: it.blocks, seed, effort });
    const third = Math.floor(trace.length / 3);
    const next = random(seed);
    const held = it.hold("target", "write-started");
    it.asks = false;
    it.start();
    await moves.untilThere(held, "the strategy was to copy the disk");
    await replay(it, trace.slice(0, third));
    for (const layer of [it.source, it.target])
      layer.pause = async () => {
        for (let turns = next(4); turns > 0; turns--) await setImmediate();
      };
    it.goOn();
    let done = false;
    const rest = (async () => {
      await replay(it, trace.slice(third, 2 * third));
      it.askWhenReady();
      await replay(it, trace.slice(2 * third));
      done = true;
    })();
    await time.until("the guest was to be answered", () => done);
    await rest;
  },
);

Then("it has moved, as its guest has written it", async function (this: Kit) {
  await this.part(Moves).assertMoved();
});
Then("disk {int} has moved, as its guest has written it", async function (this: Kit, number: number) {
  const moves = this.part(Moves);
  await moves.assertMoved(moves.at(number - 1));
});
Then("it stayed where it was, for {word}", async function (this: Kit, code: string) {
  const codes = await this.part(Moves).assertStayed();
  assert.ok(codes.includes(code), `the failure was to say ${code}; it says ${codes.join(", caused by ")}`);
});
Then("disk {int} stayed where it was, for {word}", async function (this: Kit, number: number, code: string) {
  const moves = this.part(Moves);
  const codes = await moves.assertStayed(moves.at(number - 1));
  assert.ok(codes.includes(code), `the failure was to say ${code}; it says ${codes.join(", caused by ")}`);
});
