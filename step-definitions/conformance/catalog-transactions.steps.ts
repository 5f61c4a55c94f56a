import assert from "node:assert/strict";
import type { DataTable } from "pagurus/steps";
import { Given, Then, When } from "pagurus/steps";
import {
  accountsText,
  add,
  CatalogUnderTest,
  type Database,
  makeTables,
  PROCESSES_MS,
} from "./catalog/catalog-under-test.ts";
import { PowerCuts } from "./catalog/power-cuts.ts";
import { values } from "./catalog/values.ts";
import { random } from "./random.ts";
import type { Kit } from "./world.ts";

/** In one transaction of `add-pairs` and of the scenarios that kill. */
const PAIR = 2;
/** Each costs a process; the moments differ with the seed. */
const KILLS = 2;

const catalogOf = (kit: Kit) => kit.part(CatalogUnderTest);

class WorkFailed extends Error {}

/** Whether the database took it; what it says otherwise is its own affair. */
const isTaken = (work: Promise<unknown>): Promise<boolean> =>
  work.then(
    () => true,
    () => false,
  );

const count = async (db: Database, prefix: string): Promise<number> =>
  (await db.selectFrom("account").select("id").execute()).filter(({ id }) => id.startsWith(prefix)).length;

Given("the catalog has the accounts {string}", async function (this: Kit, text: string) {
  const { db } = catalogOf(this);
  await makeTables(db);
  for (const [id = "", balance] of text.split(", ").map((account) => account.split(" ")))
    await add(db, id, Number(balance));
});
Given("the catalog has no accounts", async function (this: Kit) {
  await makeTables(catalogOf(this).db);
});

When(
  "a transaction of the catalog adds the account {string} and then its work fails",
  async function (this: Kit, id: string) {
    const work = catalogOf(this)
      .db.transaction()
      .execute(async (trx) => {
        await add(trx, id);
        await trx.updateTable("account").set({ balance: 0 }).execute();
        throw new WorkFailed();
      });
    await assert.rejects(work, WorkFailed, "the failure of a transaction's work must reach who began it");
  },
);
When("a transaction of the catalog adds the account {string}", async function (this: Kit, id: string) {
  await catalogOf(this)
    .db.transaction()
    .execute((trx) => add(trx, id));
});

Then("the catalog's accounts are {string}", async function (this: Kit, text: string) {
  assert.equal(await accountsText(catalogOf(this).db), text);
});
Then(
  "the catalog's accounts are {string} to whoever opens it next",
  async function (this: Kit, text: string) {
    assert.equal(await accountsText((await catalogOf(this).open()).db), text);
  },
);

Then(
  "a transaction killed at any of its moments is in the catalog whole or not at all",
  { timeout: PROCESSES_MS },
  async function (this: Kit) {
    const catalog = catalogOf(this);
    const moments = { "between its writes": 3, "before its commit": 4 };
    for (const [moment, dieAt] of Object.entries(moments)) {
      const answer = await (await catalog.other({ do: "add", accounts: PAIR, dieAt })).next();
      assert.equal(answer, "dead", `the other process answered ${JSON.stringify(answer)}`);
      const { db } = await catalog.open();
      const found = await count(db, "added");
      assert.ok(
        found === 0 || found === PAIR,
        `a transaction of ${PAIR} writes was killed ${moment}; ${found} of them are there`,
      );
      await db.deleteFrom("account").execute();
    }
  },
);
Then(
  "{int} transactions of the catalog are all there when their process is killed as the last one resolves",
  { timeout: PROCESSES_MS },
  async function (this: Kit, accounts: number) {
    const catalog = catalogOf(this);
    const answer = await (await catalog.other({ do: "add-each", accounts })).next();
    assert.equal(answer, "dead", `the other process answered ${JSON.stringify(answer)}`);
    const found = await count((await catalog.open()).db, "each");
    assert.equal(found, accounts, `${accounts} transactions had resolved; ${found} are there after the kill`);
  },
);
Then(
  "a process that keeps adding pairs to the catalog loses none that it told of, killed at any time",
  { timeout: PROCESSES_MS },
  async function (this: Kit) {
    const catalog = catalogOf(this);
    const below = random(this.parameters.seed);
    for (let kill = 0; kill < KILLS * this.parameters.effort; kill++) {
      const other = await catalog.other({ do: "add-pairs" });
      const enough = 1 + below(40);
      let told = 0;
      while (told < enough) {
        const answer = await other.next();
        assert.ok(answer !== "dead" && answer.pairs !== undefined, `it answered ${JSON.stringify(answer)}`);
        told = answer.pairs;
      }
      await other.kill();
      const { db } = await catalog.open();
      const [left, right] = [await count(db, "left"), await count(db, "right")];
      assert.equal(left, right, "a transaction adds two accounts; of one only one is there");
      assert.ok(left >= told, `${told} transactions had resolved; ${left} are there after the kill`);
      await db.deleteFrom("account").execute();
    }
  },
);

Then(
  "whatever a power cut can leave of the catalog has all that had resolved, and of nothing else a half",
  { timeout: PROCESSES_MS },
  async function (this: Kit) {
    const unproven = await this.part(PowerCuts).prove();
    if (unproven === undefined) return undefined;
    this.log(`durability: not proven: ${unproven}`);
    return "skipped";
  },
);

Then("the catalog refuses what its tables forbid:", async function (this: Kit, table: DataTable) {
  const { db } = catalogOf(this);
  await db.insertInto("entry").values({ id: "there", account: "a", text: "taken" }).execute();
  const forbidden: Readonly<Record<string, Promise<unknown>>> = {
    "a second row with the same key": db
      .insertInto("entry")
      .values({ id: "there", account: "a", text: null })
      .execute(),
    "a second row with the same unique text": db
      .insertInto("entry")
      .values({ id: "other", account: "a", text: "taken" })
      .execute(),
    "a row without what must be there": db
      .insertInto("entry")
      .values({ id: "empty", account: null as unknown as string, text: null })
      .execute(),
    "a row that refers to none": db
      .insertInto("entry")
      .values({ id: "stray", account: "nobody", text: null })
      .execute(),
  };
  for (const work of Object.values(forbidden)) work.catch(() => undefined);
  for (const what of table.raw().flat()) {
    const work = forbidden[what];
    assert.ok(work, `the feature speaks of ${what}, which the kit does not know`);
    assert.ok(!(await isTaken(work)), `${what} was taken; the tables forbid it`);
  }
});
Then("each value that the catalog is given comes back from it as it was", async function (this: Kit) {
  const { db } = catalogOf(this);
  for (const [what, { balance = 0, text = null }] of Object.entries(values)) {
    await add(db, what, balance);
    await db.insertInto("entry").values({ id: what, account: what, text }).execute();
    const row = await db
      .selectFrom("account")
      .innerJoin("entry", "entry.account", "account.id")
      .select(["account.balance", "entry.text"])
      .where("account.id", "=", what)
      .executeTakeFirst();
    assert.ok(row, `${what} was written and is not there`);
    assert.equal(row.balance, balance, `${what} came back as another number`);
    assert.ok(row.text === text, `${what} came back as another text`);
  }
});
Then("the catalog says how many rows a statement has changed", async function (this: Kit) {
  const { db } = catalogOf(this);
  const changed = async (balance: number) =>
    (await db.updateTable("account").set({ balance: 7 }).where("balance", "=", balance).executeTakeFirst())
      .numUpdatedRows;
  assert.equal(await changed(3), 0n, "a statement that fits no row changed none");
  assert.equal(await changed(1), 2n, "a statement that fits two rows changed two");
  const { numDeletedRows } = await db.deleteFrom("account").where("balance", "=", 7).executeTakeFirst();
  assert.equal(numDeletedRows, 2n, "a statement that removes two rows changed two");
});
