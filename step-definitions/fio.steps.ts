import assert from "node:assert/strict";
import { z } from "pagurus";
import { Then, When } from "pagurus/steps";
import { ForeignClients } from "./support/foreign-clients.ts";
import { LocalServer } from "./support/local-server.ts";
import type { Lab } from "./world.ts";

const FIO_TIMEOUT_MS = 120_000;
const Account = z.object({
  jobs: z.array(z.object({ error: z.number(), total_err: z.number().optional() })).length(1),
});

When(
  "fio writes to {string} and verifies, while it is moved to {string} and back as long as fio goes on",
  { timeout: FIO_TIMEOUT_MS },
  async function (this: Lab, disk: string, to: string) {
    const server = this.part(LocalServer);
    const clients = this.part(ForeignClients);
    const { datastore: home } = await server.showDisk(disk);
    const fio = await clients.startFio(disk);
    for (let target = to; fio.running; target = target === to ? home : to) {
      const { state, report } = await server.move(disk, target);
      assert.equal(state, "succeeded", JSON.stringify(report));
      if (fio.running) clients.moves++;
    }
    clients.ended = await fio.ended;
  },
);

Then("fio has found no error", function (this: Lab) {
  const { ended } = this.part(ForeignClients);
  assert.equal(ended?.code, 0, `${ended?.out}${ended?.err}`);
  const account: unknown = JSON.parse(ended.out.slice(ended.out.indexOf("{")));
  assert.equal(Account.parse(account).jobs[0]?.error, 0);
});
Then("at least {int} moves have ended well while fio went on", function (this: Lab, count: number) {
  const { moves } = this.part(ForeignClients);
  assert.ok(moves >= count, `${moves} moves`);
});
