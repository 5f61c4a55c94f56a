import assert from "node:assert/strict";
import { Given, Then, When } from "pagurus/steps";
import { isChange, touches } from "./lab/blocks.ts";
import type { Deed } from "./rehearsal/rule.ts";
import type { JobView, Lab } from "./world.ts";

interface MoveView extends JobView {
  readonly attempts: number;
  readonly pauseMs: number;
  readonly moves: readonly {
    readonly rounds: readonly { readonly kind: string; readonly blocks: number }[];
  }[];
}

Given("moves switch over below {int} dirty block(s)", function (this: Lab, thresholdBlocks: number) {
  this.setup.sections = {
    ...this.setup.sections,
    settings: { "dirty-block-migration": { thresholdBlocks } },
  };
});

Given("moves may hold their guests for {int} ms", function (this: Lab, maxPauseMs: number) {
  this.moveOptions = { ...this.moveOptions, maxPauseMs };
});

Given("moves try to switch over {times}", function (this: Lab, maxAttempts: number) {
  this.moveOptions = { ...this.moveOptions, maxAttempts };
});

Given("moves keep the source", function (this: Lab) {
  this.moveOptions = { ...this.moveOptions, keepSource: true };
});

Given("moves compare everything while the guest is held", function (this: Lab) {
  this.moveOptions = { ...this.moveOptions, verify: "full" };
});

When("{names} start(s) to move to {string}", async function (this: Lab, disks: string[], to: string) {
  await this.startMove(disks, to);
});

When("{names} is/are moved to {string}", async function (this: Lab, disks: string[], to: string) {
  await this.startMove(disks, to);
  await this.jobEnded();
});

Then("the move has succeeded", async function (this: Lab) {
  const { state, outcome, report } = await this.jobEnded();
  assert.deepEqual({ state, outcome, report }, { state: "succeeded", outcome: { code: "ok" }, report: null });
});

Then("the move has failed, and its report names {word}", async function (this: Lab, code: string) {
  const { state, outcome } = await this.jobEnded();
  assert.deepEqual({ state, outcome }, { state: "failed", outcome: { code } });
  await this.expectReport(code);
});

Then("the rounds have copied {numbers} blocks", async function (this: Lab, blocks: number[]) {
  const [move] = ((await this.jobEnded()) as MoveView).moves;
  assert.deepEqual(
    move?.rounds.map((round) => round.blocks),
    blocks,
  );
});

const deedsOf = async (lab: Lab, datastore: string, from: bigint, to: bigint): Promise<readonly Deed[]> =>
  (await lab.conductor.deeds()).filter(
    (deed) => deed.datastore === datastore && deed.endedNs >= from && deed.endedNs < to,
  );

Then(
  "until the switch-over {string} has written block(s) {numbers} {times}, and every other one once",
  async function (this: Lab, datastore: string, blocks: number[], times: number) {
    const changes = (await deedsOf(this, datastore, 0n, this.points.timeOf("switched/before"))).filter(
      isChange,
    );
    const [{ sizeBytes = 0 } = {}] = (await this.call<{ items: { sizeBytes: number }[] }>("disks.list", {}))
      .items;
    const wrong: string[] = [];
    for (let block = 0; block * 4096 < sizeBytes; block++) {
      const count = changes.filter((deed) => touches(deed, block)).length;
      if (count !== (blocks.includes(block) ? times : 1)) wrong.push(`block ${block}: ${count} times`);
    }
    assert.deepEqual(wrong, []);
  },
);

Then(
  "since the switch-over {string} has neither read nor written",
  async function (this: Lab, datastore: string) {
    const since = this.points.timeOf("switched/recorded");
    const deeds = await deedsOf(this, datastore, since, 2n ** 64n);
    assert.deepEqual(
      deeds.filter((deed) => isChange(deed) || deed.operation === "read"),
      [],
    );
  },
);
