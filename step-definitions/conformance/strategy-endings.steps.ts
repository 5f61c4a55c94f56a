import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { Given, Then, When } from "pagurus/steps";
import { cancelled, Moves } from "./strategy/moves.ts";
import { troubleOf } from "./strategy/troubles.ts";
import type { Kit } from "./world.ts";

const A_MINUTE_MS = 60_000;
/** A strategy that waits looks a few times; one that spins looks at each of these. */
const TURNS = 300;

const answered = "the strategy was to answer the engine's request";

/** How a move comes to a moment at which it is cancelled; ends with the move standing still there. */
const moments: Readonly<Record<string, (moves: Moves) => Promise<void>>> = {
  "the first copy": async (moves) => standing(moves, { round: false }),
  "a later round": async (moves) => standing(moves, { round: true }),
  "waiting for the engine": async (moves) => ready(moves),
  "waiting for the guest's last write": async (moves) => {
    await ready(moves);
    const held = moves.it.hold("source", "write-started");
    void moves.it.write(5);
    await held.reached;
    moves.it.askWhenReady();
    await moves.time.settle();
  },
  "the last round": async (moves) => {
    await ready(moves);
    const held = moves.it.hold("target", "write-started");
    void moves.it.write(5);
    moves.it.askWhenReady();
    await moves.untilThere(held, answered);
  },
  "the last flush": async (moves) => {
    await ready(moves);
    const held = moves.it.hold("target", "flush-started");
    moves.it.askWhenReady();
    await moves.untilThere(held, answered);
  },
};

const ready = async (moves: Moves): Promise<void> => {
  moves.it.asks = false;
  moves.it.start();
  await moves.untilReady();
};

/** In the first copy, or in a round over what was written behind it. */
const standing = async (moves: Moves, { round }: { readonly round: boolean }): Promise<void> => {
  const { it } = moves;
  const held = it.holdLastBlock();
  it.start();
  await moves.untilThere(held, "the strategy was to copy the whole disk");
  if (!round) return;
  it.writeAll();
  const next = it.hold("target", "write-started");
  held.release();
  await moves.untilThere(next, "the strategy was to copy what was written meanwhile");
};

Given("the strategy moves it as far as {}", async function (this: Kit, moment: string) {
  const moves = this.part(Moves);
  const come = moments[moment];
  if (!come) throw new Error(`no such moment: ${moment}`);
  await come(moves);
});
When(/^the strategy moves it, which ends because (.+)$/, async function (this: Kit, reason: string) {
  const moves = this.part(Moves);
  if (reason === "it is cancelled while it copies") {
    await standing(moves, { round: false });
    moves.it.cancel.abort(cancelled());
    moves.it.goOn();
  } else {
    await ready(moves);
    if (reason !== "the guest is at the target") troubleOf(reason)(moves.it);
    moves.it.askWhenReady();
  }
  await moves.untilEnded();
});

Then("nothing of the move waits any more", async function (this: Kit) {
  const { time } = this.part(Moves);
  await time.pass(A_MINUTE_MS);
  assert.equal(time.clock.waiting, 0, "so many timers are still set a minute after the move has ended");
});
Then("the strategy waits without looking again and again", async function (this: Kit) {
  const { it } = this.part(Moves);
  const before = it.strategy.looks;
  for (let turns = 0; turns < TURNS; turns++) await setImmediate();
  const looks = it.strategy.looks - before;
  assert.ok(
    looks < TURNS / 3,
    `it looked ${looks} times at its move while no time passed: the guest's thread is kept busy`,
  );
});
Then("the strategy has ended well, and copies nothing any more", async function (this: Kit) {
  const { it, time } = this.part(Moves);
  const ended = () => it.strategy.ending !== "not yet";
  await time.until("the strategy was to end with its switch-over", ended);
  const { ending } = it.strategy;
  const why = typeof ending === "string" ? ending : String(ending.failure);
  assert.equal(why, "well", "the guest is at the target, and so the strategy's part was to be over");
});
