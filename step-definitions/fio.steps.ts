import assert from "node:assert/strict";
import { z } from "pagurus";
import { Then, When } from "pagurus/steps";
import { ForeignClients } from "./support/foreign-clients.ts";
import { LocalServer } from "./support/local-server.ts";
import type { Lab } from "./world.ts";

const FIO_TIMEOUT_MS = 120_000;
const Account = z.object({
  jobs: z
    .array(z.object({ jobname: z.string(), error: z.number(), read: z.object({ total_ios: z.number() }) }))
    .min(1),
});

const oneWriter = [["--rw=randwrite", "--size=16m", "--rate=8m"]];
/** Each has 4 MiB of the disk to itself; those of the last are also discarded. */
const manyAtOnce = [
  ["--rw=randwrite", "--size=4m", "--offset_increment=4m", "--numjobs=3", "--rate=2m"],
  // A block may be written again as soon as it was discarded, and not before.
  ["--rw=randtrimwrite", "--serialize_overlap=1", "--offset=12m", "--size=4m", "--rate=2m"],
];

/** Moves the disk to and fro as long as fio goes on. */
const moveUnder = async (
  lab: Lab,
  { disk, to, jobs }: { disk: string; to: string; jobs: readonly (readonly string[])[] },
): Promise<void> => {
  const server = lab.part(LocalServer);
  const clients = lab.part(ForeignClients);
  const { datastore: home } = await server.showDisk(disk);
  const fio = await clients.startFio(disk, jobs);
  for (let target = to; fio.running; target = target === to ? home : to) {
    const { state, report } = await server.move(disk, target);
    assert.equal(state, "succeeded", JSON.stringify(report));
    if (fio.running) clients.moves++;
  }
  clients.ended = await fio.ended;
};

When(
  "fio writes to {string} and verifies, while it is moved to {string} and back as long as fio goes on",
  { timeout: FIO_TIMEOUT_MS },
  async function (this: Lab, disk: string, to: string) {
    await moveUnder(this, { disk, to, jobs: oneWriter });
  },
);

When(
  "fio writes to {string} over three connections and discards over a fourth, while it is moved to {string} and back as long as fio goes on",
  { timeout: FIO_TIMEOUT_MS },
  async function (this: Lab, disk: string, to: string) {
    await moveUnder(this, { disk, to, jobs: manyAtOnce });
  },
);

Then("fio has found no error", function (this: Lab) {
  const { ended } = this.part(ForeignClients);
  assert.equal(ended?.code, 0, `${ended?.out}${ended?.err}`);
  const account: unknown = JSON.parse(ended.out.slice(ended.out.indexOf("{")));
  const { jobs } = Account.parse(account);
  assert.deepEqual(
    jobs.filter(({ error }) => error !== 0),
    [],
  );
  assert.ok(
    jobs.some(({ read }) => read.total_ios > 0),
    "fio has read nothing to verify it",
  );
});
Then("at least {int} moves have ended well while fio went on", function (this: Lab, count: number) {
  const { moves } = this.part(ForeignClients);
  assert.ok(moves >= count, `${moves} moves`);
});
