import assert from "node:assert/strict";
import { defineParameterType, Then, When } from "pagurus/steps";
import { anomalies, giveAChance, insist, runBoth, wrongAfter } from "./catalog/anomalies.ts";
import { accountsText, add, CatalogUnderTest } from "./catalog/catalog-under-test.ts";
import { random } from "./random.ts";
import type { Kit } from "./world.ts";

/** What one scenario has read. */
class Seen {
  names: readonly string[] = [];
  total = 0;
}

const catalogOf = (kit: Kit) => kit.part(CatalogUnderTest);

defineParameterType({
  name: "anomaly",
  regexp: new RegExp(Object.keys(anomalies).join("|")),
  transformer: (name: string) => name,
});

const anomalyOf = (name: string) => {
  const found = anomalies[name];
  assert.ok(found, `the kit knows no ${name}`);
  return found;
};

When(
  "two transactions of one instance of the catalog run at once, as in {anomaly}",
  async function (this: Kit, name: string) {
    const { db } = catalogOf(this);
    await runBoth(anomalyOf(name), [db, db]);
  },
);
When(
  "two transactions of two instances of the catalog run at once, as in {anomaly}",
  async function (this: Kit, name: string) {
    const catalog = catalogOf(this);
    await runBoth(anomalyOf(name), [catalog.db, (await catalog.second()).db]);
  },
);
Then("the catalog shows no {anomaly}", async function (this: Kit, name: string) {
  assert.equal(await wrongAfter(anomalyOf(name), catalogOf(this).db), undefined);
});

Then(
  "{int} random transfers between the catalog's accounts, by two instances, keep their sum at {int}",
  async function (this: Kit, transfers: number, total: number) {
    const catalog = catalogOf(this);
    const below = random(this.parameters.seed);
    const ids = ["a", "b", "c", "d"];
    const plans = Array.from({ length: transfers }, () => {
      const from = below(ids.length);
      const to = (from + 1 + below(ids.length - 1)) % ids.length;
      return { from: ids[from] ?? "", to: ids[to] ?? "", amount: 1 + below(20) };
    });
    const work = async (db: typeof catalog.db, share: typeof plans) => {
      for (const { from, to, amount } of share)
        await insist(db, async (trx) => {
          const rows = await trx.selectFrom("account").selectAll().execute();
          const sum = rows.reduce((all, { balance }) => all + balance, 0);
          assert.equal(sum, total, "a transaction saw half of another one");
          const has = (id: string) => rows.find((row) => row.id === id)?.balance ?? 0;
          await trx
            .updateTable("account")
            .set({ balance: has(from) - amount })
            .where("id", "=", from)
            .execute();
          await giveAChance(trx, () => below(10) < 8);
          await trx
            .updateTable("account")
            .set({ balance: has(to) + amount })
            .where("id", "=", to)
            .execute();
        });
    };
    const { db: second } = await catalog.second();
    const half = transfers / 2;
    await Promise.all([work(catalog.db, plans.slice(0, half)), work(second, plans.slice(half))]);
    const rows = await catalog.db.selectFrom("account").selectAll().execute();
    assert.equal(
      rows.reduce((all, { balance }) => all + balance, 0),
      total,
      "transfers have changed the sum",
    );
  },
);

When(
  "the catalog's accounts are read while a transaction has {string}, which it removes again",
  async function (this: Kit, id: string) {
    const { db } = catalogOf(this);
    const seen = this.part(Seen);
    let read = false;
    let reading = Promise.resolve();
    await db.transaction().execute(async (trx) => {
      await add(trx, id);
      reading = db
        .selectFrom("account")
        .select("id")
        .execute()
        .then((rows) => {
          read = true;
          seen.names = rows.map((row) => row.id);
        });
      await giveAChance(trx, () => read);
      await trx.deleteFrom("account").where("id", "=", id).execute();
    });
    await reading;
  },
);
Then("nobody has seen {string} in the catalog", async function (this: Kit, id: string) {
  const { names } = this.part(Seen);
  assert.ok(!names.includes(id), `${id} was seen, which no transaction has ever committed`);
  assert.ok(names.length > 0, "what is committed was not seen either");
});

When(
  "a transaction of the catalog reads {string}, another instance moves {int} from {string} to {string}, and it reads {string}",
  async function (this: Kit, first: string, amount: number, from: string, to: string, second: string) {
    const catalog = catalogOf(this);
    const { db: other } = await catalog.second();
    const seen = this.part(Seen);
    let moved = false;
    let moving = Promise.resolve();
    await insist(catalog.db, async (trx) => {
      const balance = async (id: string) =>
        (await trx.selectFrom("account").select("balance").where("id", "=", id).executeTakeFirstOrThrow())
          .balance;
      const before = await balance(first);
      if (!moved)
        moving = insist(other, async (away) => {
          const change = (id: string, by: number) =>
            away
              .updateTable("account")
              .set(({ eb }) => ({ balance: eb("balance", "+", by) }))
              .where("id", "=", id)
              .execute();
          await change(from, -amount);
          await change(to, amount);
        }).then(() => {
          moved = true;
        });
      await giveAChance(trx, () => moved);
      seen.total = before + (await balance(second));
    });
    await moving;
  },
);
Then("the transaction of the catalog has found {int} altogether", function (this: Kit, total: number) {
  const found = this.part(Seen).total;
  assert.equal(found, total, `one moment has ${total} altogether; it found ${found}, of two moments`);
});

When("another instance of the catalog adds the account {string}", async function (this: Kit, id: string) {
  const { db } = await catalogOf(this).second();
  await db.transaction().execute((trx) => add(trx, id));
  assert.match(await accountsText(db), new RegExp(`\\b${id}\\b`), "it doesn't see what it wrote itself");
});
