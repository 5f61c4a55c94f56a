import assert from "node:assert/strict";
import { z } from "pagurus";
import { Given, Then, When } from "pagurus/steps";
import { HeldMoves } from "./support/held-moves.ts";
import { HttpDoor } from "./support/http-door.ts";
import type { Lab } from "./world.ts";

const Row = { id: z.string(), state: z.string(), outcome: z.object({ code: z.string() }).nullable() };

Given("a move is held before it copies", function (this: Lab) {
  this.part(HeldMoves).hold();
});
Given("the move of {string} to {string} is under way", async function (this: Lab, disk: string, to: string) {
  const moves = this.part(HeldMoves);
  moves.hold();
  await this.startMove([disk], to);
  await moves.reached();
});
When("the held move goes on", function (this: Lab) {
  this.part(HeldMoves).goOn();
});

Then("its Location shows the job until it has succeeded", async function (this: Lab) {
  const door = this.part(HttpDoor);
  const { id } = door.answer.fields(Row);
  const path = door.answer.headers.get("location") ?? "/nowhere";
  await this.jobEnded(id);
  const { state, outcome } = (await door.ask({ method: "GET", path })).fields(Row);
  assert.deepEqual({ state, outcome }, { state: "succeeded", outcome: { code: "ok" } });
});
Then("the move succeeds", async function (this: Lab) {
  assert.equal((await this.jobEnded()).state, "succeeded");
});
Then("there is/are {int} {word} in all", async function (this: Lab, count: number, what: string) {
  const noun = what.replace(/s?$/, "s");
  const { items } = await this.call<{ items: readonly unknown[] }>(`${noun}.list`, {});
  assert.equal(items.length, count);
});
Then("the repetition is answered like the first call, and marked as repeated", function (this: Lab) {
  const [first, second] = this.part(HttpDoor).answers.slice(-2);
  assert.deepEqual(
    [second?.status, second?.headers.get("location"), second?.text],
    [first?.status, first?.headers.get("location"), first?.text],
  );
  assert.equal(first?.headers.get("idempotency-replayed"), null);
  assert.equal(second?.headers.get("idempotency-replayed"), "true");
});
