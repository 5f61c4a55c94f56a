import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import type { Observation } from "pagurus";
import { Given, Then, When } from "pagurus/steps";
import { BLOCK_BYTES } from "./lab/blocks.ts";
import { fresh, moveWhileWriting, writeBlocks } from "./lab/guest-writes.ts";
import type { JobView } from "./lab/job-view.ts";
import type { Lab } from "./world.ts";

interface MoveView extends JobView {
  readonly attempts: number;
  readonly warnings: readonly string[];
  readonly verification: { readonly comparedBlocks: number };
  readonly moves: readonly {
    readonly from: { readonly datastore: string; readonly layer: string };
    readonly rounds: readonly { readonly kind: string; readonly blocks: number }[];
  }[];
}

const succeeded = async (lab: Lab): Promise<MoveView> => {
  const move = (await lab.jobEnded()) as MoveView;
  const { state, outcome, report } = move;
  assert.deepEqual({ state, outcome, report }, { state: "succeeded", outcome: { code: "ok" }, report: null });
  return move;
};

Given("moves switch over below {int} dirty block(s)", async function (this: Lab, thresholdBlocks: number) {
  this.setup.sections = {
    ...this.setup.sections,
    settings: { "dirty-block-migration": { thresholdBlocks } },
  };
  await this.stop();
});

Given("moves switch over when the rest fits their pause", async function (this: Lab) {
  this.setup.sections = { ...this.setup.sections, settings: {} };
  await this.stop();
});

Given("moves may hold their guests for {int} ms", function (this: Lab, maxPauseMs: number) {
  // A machine that is busy with other things may miss some.
  this.moveOptions = { ...this.moveOptions, maxPauseMs, maxAttempts: 100 };
});

Given(
  "moves may hold their guests for {int} ms, and try to switch over once",
  function (this: Lab, maxPauseMs: number) {
    this.moveOptions = { ...this.moveOptions, maxPauseMs, maxAttempts: 1 };
  },
);

Given("moves keep the source", function (this: Lab) {
  this.moveOptions = { ...this.moveOptions, keepSource: true };
});

Given("moves compare everything while the guest is held", function (this: Lab) {
  this.moveOptions = { ...this.moveOptions, verify: "full" };
});

When("{names} is/are moved to {string}", async function (this: Lab, disks: string[], to: string) {
  if (this.job !== undefined) await this.jobEnded();
  await this.startMove(disks, to);
  await this.jobEnded();
});

When(
  "{string} is moved to {string} while its guest writes blocks {int} to {int} again and again",
  async function (this: Lab, disk: string, to: string, first: number, last: number) {
    const guest = await this.connect(disk);
    let ended = false;
    const writing = async () => {
      for (let block = first; !ended; block = block === last ? first : block + 1)
        await writeBlocks(this, guest, [block]);
    };
    const written = writing();
    await this.startMove([disk], to);
    await this.jobEnded();
    ended = true;
    await written;
  },
);

When(
  "{names} are moved to {string} while a client writes to {string} and then to {string}",
  async function (this: Lab, disks: string[], to: string, one: string, other: string) {
    const [first, second] = [await this.connect(one), await this.connect(other)];
    let ended = false;
    const writing = async () => {
      while (!ended) {
        const content = fresh(this, BLOCK_BYTES);
        await first.write(0, content);
        await second.write(0, content);
      }
    };
    const written = writing();
    await this.startMove(disks, to);
    await this.jobEnded();
    ended = true;
    await written;
  },
);

When(
  "{string} is moved to {string} while its guest writes blocks {numbers} in every round",
  async function (this: Lab, disk: string, to: string, blocks: number[]) {
    await moveWhileWriting(this, { disk, to, blocks, times: 1 });
  },
);

When("the move is cancelled", async function (this: Lab) {
  await this.call("migrations.cancel", { id: this.job });
});

When("the move tells how far it is", async function (this: Lab) {
  await this.events.next(({ type, job }) => type === "job.progressed" && job === this.job);
});

Then("its percentage has never gone back", function (this: Lab) {
  const told = this.events.all.filter(({ type, job }) => type === "job.progressed" && job === this.job);
  const percents = told.map(({ data }) => Number(data["percent"]));
  assert.ok(percents.length >= 2, `it told ${percents.length} times`);
  assert.deepEqual(
    percents,
    percents.toSorted((a, b) => a - b),
  );
});

Then("the move has succeeded", async function (this: Lab) {
  await succeeded(this);
});

Then("the move has succeeded, after more than one switch-over was tried", async function (this: Lab) {
  const { attempts } = await succeeded(this);
  assert.ok(attempts > 1, `${attempts} attempt`);
});

Then("the move has succeeded, with a warning about {string}", async function (this: Lab, datastore: string) {
  const { warnings } = await succeeded(this);
  assert.ok(
    warnings.some((warning) => warning.includes(datastore)),
    `warnings: ${warnings}`,
  );
});

Then("the move has ended as {word}, with {word}", async function (this: Lab, state: string, code: string) {
  const job = await this.jobEnded();
  assert.deepEqual({ state: job.state, outcome: job.outcome }, { state, outcome: { code } });
  if (state === "failed") await this.expectReport(code);
});

/** The verdict is the outermost code that says something; the report names the innermost cause. */
Then(
  "the move has failed as {word}, and its report names {word}",
  async function (this: Lab, code: string, rootCode: string) {
    const { state, outcome } = await this.jobEnded();
    assert.deepEqual({ state, code: outcome?.code }, { state: "failed", code });
    await this.expectReport(rootCode);
  },
);

const chainOf = (observation: Observation): readonly Observation[] => {
  const [cause] = observation.causes;
  return cause ? [observation, ...chainOf(cause)] : [observation];
};

Then(
  "the report says what failed of {string} in {string}, and what to do",
  async function (this: Lab, disk: string, datastore: string) {
    const [report] = await this.reports();
    assert.ok(report);
    const chain = chainOf(report.chain);
    assert.ok(chain.length >= 3, JSON.stringify(chain.map(({ code }) => code)));
    assert.match(report.sentence, new RegExp(`${disk}.*${datastore}.*; .+`, "s"));
  },
);

Then("the rounds have copied {numbers} blocks", async function (this: Lab, blocks: number[]) {
  const { moves } = await succeeded(this);
  assert.deepEqual(
    moves.map(({ rounds }) => rounds.map((round) => round.blocks)),
    [blocks],
  );
});

Then("{int} blocks were compared while the guest was held", async function (this: Lab, blocks: number) {
  const { verification } = await succeeded(this);
  assert.equal(verification.comparedBlocks, blocks);
});

Then(
  "the former file of {string} stays in {string}",
  async function (this: Lab, _disk: string, datastore: string) {
    const [move] = (await succeeded(this)).moves;
    assert.ok((await readdir(this.folderOf(datastore))).includes(`${move?.from.layer}.raw`));
    this.kept.add(`${datastore}/${move?.from.layer}`);
  },
);
