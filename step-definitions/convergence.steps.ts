import assert from "node:assert/strict";
import type { Observation } from "pagurus";
import { Then, When } from "pagurus/steps";
import { BLOCK_BYTES } from "./lab/blocks.ts";
import { Rehearsal } from "./lab/rehearsal.ts";
import type { Lab } from "./world.ts";

/** Often enough that a block is hot, also on a machine that takes a few seconds for what comes next. */
const AGAIN_AND_AGAIN = 200;

When("the guest writes block {int} again and again", async function (this: Lab, block: number) {
  const [name = ""] = this.guests.keys();
  const guest = await this.connect(name);
  for (let time = 0; time < AGAIN_AND_AGAIN; time++)
    await guest.write(block * BLOCK_BYTES, Buffer.alloc(BLOCK_BYTES, `${this.nextNumber()} `));
});

When(
  "{string} is moved to {string} while its guest writes blocks {numbers} in every round, again and again",
  async function (this: Lab, disk: string, to: string, blocks: number[]) {
    const guest = await this.connect(disk);
    const rehearsal = this.part(Rehearsal);
    const next = { datastore: to, operation: "write", block: blocks[0] ?? 0 } as const;
    await rehearsal.holdAt(next, "hold-before", async () => void (await this.startMove([disk], to)));
    const ended = this.jobEnded().then(() => "ended");
    let round: string;
    do {
      for (let time = 0; time < AGAIN_AND_AGAIN; time++)
        for (const block of blocks)
          await guest.write(block * BLOCK_BYTES, Buffer.alloc(BLOCK_BYTES, `${this.nextNumber()} `));
      round = await Promise.race([rehearsal.goOnTo(next).then(() => "copying"), ended]);
    } while (round !== "ended");
  },
);

const innermost = (observation: Observation): Observation => {
  const [cause] = observation.causes;
  return cause === undefined ? observation : innermost(cause);
};

Then(
  "the report says that a pause of more than {int} ms would have worked",
  async function (this: Lab, maxPauseMs: number) {
    const [report] = await this.reports();
    assert.ok(report);
    assert.match(report.sentence, /a pause of [^;]+ would have worked/);
    const { data } = innermost(report.chain);
    assert.ok(Number(data["workableMaxPauseMs"]) > maxPauseMs, JSON.stringify(data));
    for (const rate of ["dirtyBytes", "dirtyBytesPerSecond", "copyBytesPerSecond"])
      assert.equal(typeof data[rate], "number", rate);
  },
);
