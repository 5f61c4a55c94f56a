import assert from "node:assert/strict";
import { Then } from "pagurus/steps";
import { BLOCK_BYTES, isChange, touches } from "./lab/blocks.ts";
import type { Deed } from "./rehearsal/rule.ts";
import type { Lab } from "./world.ts";

const ALWAYS = 2n ** 63n;

/** What a datastore did within a time. */
const deedsOf = async (lab: Lab, datastore: string, from: bigint, to: bigint): Promise<readonly Deed[]> =>
  (await lab.conductor.deeds()).filter(
    (deed) => deed.datastore === datastore && deed.endedNs >= from && deed.endedNs < to,
  );

/** How often each block was changed; blocks that never were are not in it. */
const countByBlock = (deeds: readonly Deed[], blocks: number): ReadonlyMap<number, number> => {
  const counts = new Map<number, number>();
  for (const deed of deeds.filter(isChange))
    for (let block = 0; block < blocks; block++)
      if (touches(deed, block)) counts.set(block, (counts.get(block) ?? 0) + 1);
  return counts;
};

const blocksOf = (lab: Lab): number => {
  const [guest] = lab.guests.values();
  return Math.ceil((guest?.image.acknowledged.length ?? 0) / BLOCK_BYTES);
};

Then(
  "until the switch-over {string} wrote block(s) {numbers} {times}, and every other one once",
  async function (this: Lab, datastore: string, blocks: number[], times: number) {
    await this.jobEnded();
    const deeds = await deedsOf(this, datastore, 0n, this.points.timeOf("switched/before"));
    const all = Array.from({ length: blocksOf(this) }, (_, block) => block);
    assert.deepEqual(
      countByBlock(deeds, all.length),
      new Map(all.map((block) => [block, blocks.includes(block) ? times : 1])),
    );
  },
);

Then(
  "{string} wrote block(s) {numbers}, and no other one, while the guest was held",
  async function (this: Lab, datastore: string, blocks: number[]) {
    await this.jobEnded();
    const held = [this.points.timeOf("stunned/before"), this.points.timeOf("switched/before")] as const;
    const deeds = await deedsOf(this, datastore, ...held);
    assert.deepEqual(countByBlock(deeds, blocksOf(this)), new Map(blocks.map((block) => [block, 1])));
  },
);

Then(
  "since the switch-over {string} has neither read nor written",
  async function (this: Lab, datastore: string) {
    const deeds = await deedsOf(this, datastore, this.points.timeOf("switched/recorded"), ALWAYS);
    assert.deepEqual(
      deeds.filter((deed) => isChange(deed) || deed.operation === "read"),
      [],
    );
  },
);

/** The datastores that changed a block between the guest's request and its answer. */
const takersOf = async (lab: Lab, block: number): Promise<readonly string[]> => {
  const [guest] = lab.guests.values();
  const { askedNs = 0n, answeredNs = 0n } = guest?.timesOf(block * BLOCK_BYTES) ?? {};
  return (await lab.conductor.deeds())
    .filter((deed) => isChange(deed) && touches(deed, block))
    .filter(({ endedNs }) => endedNs >= askedNs && endedNs <= answeredNs)
    .map(({ datastore }) => datastore);
};

Then(
  "{string} alone has taken the guest's write of block {int}",
  async function (this: Lab, datastore: string, block: number) {
    assert.deepEqual(await takersOf(this, block), [datastore]);
  },
);

/** A copy may follow before the guest has its answer in hands. */
Then(
  "{string} was the first to take the guest's write of block {int}",
  async function (this: Lab, datastore: string, block: number) {
    assert.equal((await takersOf(this, block))[0], datastore);
  },
);

Then("{string} has flushed since it was last written", async function (this: Lab, datastore: string) {
  const deeds = await deedsOf(this, datastore, 0n, ALWAYS);
  const operations = deeds.map(({ operation }) => operation);
  assert.ok(
    operations.lastIndexOf("flush") >
      Math.max(operations.lastIndexOf("write"), operations.lastIndexOf("zero")),
  );
});

Then(
  "{string} has removed a layer only after {string} has written and flushed since the switch-over",
  async function (this: Lab, source: string, target: string) {
    await this.jobEnded();
    const since = this.points.timeOf("switched/recorded");
    const [removed] = (await deedsOf(this, source, since, ALWAYS)).filter(
      ({ operation }) => operation === "remove",
    );
    assert.ok(removed);
    const served = (await deedsOf(this, target, since, removed.endedNs)).map(({ operation }) => operation);
    assert.ok(served.includes("write") && served.includes("flush"), `before it was removed: ${served}`);
  },
);
