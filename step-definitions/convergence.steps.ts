import assert from "node:assert/strict";
import type { Observation, Report } from "pagurus";
import { Given, Then, When } from "pagurus/steps";
import { moveWhileWriting, onlyGuest, writeBlocks } from "./lab/guest-writes.ts";
import type { Lab } from "./world.ts";

/** Often enough that a block is hot, also on a machine that takes a few seconds for what comes next. */
const AGAIN_AND_AGAIN = 200;

When("the guest writes block {int} again and again", async function (this: Lab, block: number) {
  await writeBlocks(this, await onlyGuest(this), new Array<number>(AGAIN_AND_AGAIN).fill(block));
});

When(
  "{string} is moved to {string} while its guest writes blocks {numbers} in every round, again and again",
  async function (this: Lab, disk: string, to: string, blocks: number[]) {
    await moveWhileWriting(this, { disk, to, blocks, times: AGAIN_AND_AGAIN });
  },
);

const innermost = (observation: Observation): Observation => {
  const [cause] = observation.causes;
  return cause === undefined ? observation : innermost(cause);
};

const latestReport = async (lab: Lab): Promise<Report> => {
  const [report] = await lab.reports();
  assert.ok(report);
  return report;
};

Given("moves may hold their guests for as long as the report says", async function (this: Lab) {
  const { data } = innermost((await latestReport(this)).chain);
  this.moveOptions = { ...this.moveOptions, maxPauseMs: Number(data["workableMaxPauseMs"]) };
});

Then(
  "the report says that a pause of more than {int} ms would have worked",
  async function (this: Lab, maxPauseMs: number) {
    const { sentence, chain } = await latestReport(this);
    assert.match(sentence, /a pause of [^;]+ would have worked/);
    const { data } = innermost(chain);
    assert.ok(Number(data["workableMaxPauseMs"]) > maxPauseMs, JSON.stringify(data));
    for (const rate of ["dirtyBytes", "dirtyBytesPerSecond", "copyBytesPerSecond"])
      assert.equal(typeof data[rate], "number", rate);
  },
);
