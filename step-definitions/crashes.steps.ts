import assert from "node:assert/strict";
import { CodedError } from "pagurus";
import { When } from "pagurus/steps";
import type { CommitFate, SeenCommit } from "pagurus/testing";
import { BLOCK_BYTES } from "./lab/blocks.ts";
import type { Guest } from "./lab/guest.ts";
import type { JobView } from "./lab/job-view.ts";
import type { Lab } from "./world.ts";

/** Few enough blocks that any move takes them while its guest is held. */
const BUSY_BLOCKS = [10, 11];

/** Writes to the one, then to the other, and flushes each before it goes on, until a connection is lost. */
const writeUntilLost = async (lab: Lab, guests: readonly Guest[]): Promise<void> => {
  for (let turn = 0; ; turn++)
    try {
      const block = BUSY_BLOCKS[turn % BUSY_BLOCKS.length] ?? 0;
      for (const guest of guests) {
        await guest.write(block * BLOCK_BYTES, Buffer.alloc(BLOCK_BYTES, `${lab.nextNumber()} `));
        await guest.flush();
      }
    } catch (error) {
      if (CodedError.is(error, "peer-lost")) return;
      throw error;
    }
};

When(
  "the server dies at {string} of a move of {names} to {string}",
  async function (this: Lab, point: string, disks: string[], to: string) {
    await this.startDoomed(point);
    const guests: Guest[] = [];
    for (const disk of disks) guests.push(await this.connect(disk));
    const written = writeUntilLost(this, guests);
    // It may die before it has answered.
    await this.startMove(disks, to).catch(() => undefined);
    await this.died();
    await written;
  },
);

When("the server starts again", async function (this: Lab) {
  await this.started();
  const { items } = await this.call<{ items: readonly JobView[] }>("jobs.list", {});
  assert.equal(items.length, 1);
  this.job = items[0]?.id;
});

/** The first disk of a scenario is in the first thread. */
When("the first disk thread dies", async function (this: Lab) {
  await this.killDiskThread(0);
});

/** The one transaction that changes a disk's owner, or the one that settles that it doesn't. */
const changesDisks = ({ queries }: SeenCommit): boolean =>
  queries.some(({ sql }) => sql.startsWith('update "disk" set "epoch"'));

const fateOfNext = (lab: Lab, count: number, fate: CommitFate): void => {
  let left = count;
  lab.commitFate = (commit) => {
    if (left === 0 || !changesDisks(commit)) return "deliver";
    left--;
    return fate;
  };
};

When("the answer to the commit is lost", function (this: Lab) {
  fateOfNext(this, 1, "lose");
});

When("the commit is lost", function (this: Lab) {
  fateOfNext(this, 1, "refuse");
});

When("the commit is lost, and {int} commits that were to settle it", function (this: Lab, count: number) {
  fateOfNext(this, 1 + count, "refuse");
});
