import assert from "node:assert/strict";
import { CodedError } from "pagurus";
import { Given, Then, When } from "pagurus/steps";
import { add, type CatalogInstance, CatalogUnderTest, PROCESSES_MS } from "./catalog/catalog-under-test.ts";
import { refusalOf } from "./catalog/refusals.ts";
import type { Kit } from "./world.ts";

type Lock = { release(): Promise<void> };

/** The locks that a scenario has taken. */
class Locks {
  first: Lock | undefined;
  /** How each of two that asked at once fared: undefined, or what it was refused with. */
  refusals: readonly unknown[] = [];
  readonly #kit: Kit;
  readonly #taken: Lock[] = [];

  constructor(kit: Kit) {
    this.#kit = kit;
  }

  get catalog(): CatalogUnderTest {
    return this.#kit.part(CatalogUnderTest);
  }

  async take({ catalog }: CatalogInstance): Promise<Lock> {
    const lock = await catalog.lock();
    this.#taken.push(lock);
    return lock;
  }

  async end(): Promise<void> {
    for (const lock of this.#taken) await lock.release();
  }
}

const locksOf = (kit: Kit) => kit.part(Locks);

const firstOf = ({ first }: Locks): Lock => {
  assert.ok(first, "the scenario has taken no lock");
  return first;
};

Given("another instance of the catalog is ready", async function (this: Kit) {
  await locksOf(this).catalog.second();
});

When("the lock of the catalog is taken", async function (this: Kit) {
  const locks = locksOf(this);
  locks.first = await locks.take(locks.catalog.first);
});
When("the lock of the catalog is released", async function (this: Kit) {
  await firstOf(locksOf(this)).release();
});
When("the lock of the catalog is released again by the one that had it first", async function (this: Kit) {
  await firstOf(locksOf(this)).release();
});
When("another instance takes the lock of the catalog", async function (this: Kit) {
  const locks = locksOf(this);
  await locks.take(await locks.catalog.second());
});
When("two instances ask for the lock of the catalog at once", async function (this: Kit) {
  const locks = locksOf(this);
  const { first } = locks.catalog;
  const second = await locks.catalog.second();
  const asked = await Promise.allSettled([locks.take(first), locks.take(second)]);
  locks.refusals = asked.map((answer) => (answer.status === "rejected" ? answer.reason : undefined));
});
When("another process takes the lock of the catalog", { timeout: PROCESSES_MS }, async function (this: Kit) {
  const answer = await (await locksOf(this).catalog.other({ do: "lock" })).next();
  assert.deepEqual(answer, {}, "the other process did not get the lock, which is free");
});
When("the process that has the lock of the catalog is killed", async function (this: Kit) {
  await locksOf(this).catalog.killOthers();
});
When("the instance that has the lock of the catalog is stopped", async function (this: Kit) {
  await locksOf(this).catalog.first.catalog.stop?.();
});

Then(
  "the instance that has it is refused the lock of the catalog as {word}",
  async function (this: Kit, code: string) {
    const locks = locksOf(this);
    assert.equal(await refusalOf(() => locks.take(locks.catalog.first)), code);
  },
);
Then(
  "the one that had it first is refused the lock of the catalog as {word}",
  async function (this: Kit, code: string) {
    const locks = locksOf(this);
    const refusal = await refusalOf(() => locks.take(locks.catalog.first));
    assert.equal(refusal, code, "the second release of one lock has released another one");
  },
);
Then(
  "one of them has the lock of the catalog, and the other one was refused as {word}",
  function (this: Kit, code: string) {
    const refused = locksOf(this).refusals.filter((refusal) => refusal !== undefined);
    assert.equal(refused.length, 1, `of two instances that asked for one lock ${2 - refused.length} got it`);
    assert.ok(CodedError.is(refused[0], code), `it was refused with ${String(refused[0])}, not as ${code}`);
  },
);
Then(
  "another process is refused the lock of the catalog as {word}",
  { timeout: PROCESSES_MS },
  async function (this: Kit, code: string) {
    const answer = await (await locksOf(this).catalog.other({ do: "lock" })).next();
    assert.deepEqual(answer, { code }, "the other process is to be refused");
  },
);
Then("the other instance gets the lock of the catalog at once", async function (this: Kit) {
  const locks = locksOf(this);
  await locks.take(await locks.catalog.second());
});
Then("the lock of the catalog is free", async function (this: Kit) {
  const locks = locksOf(this);
  await locks.take(locks.catalog.first);
});
Then("the stopped instance of the catalog writes nothing", async function (this: Kit) {
  const { catalog } = locksOf(this);
  await refusalOf(() => catalog.db.transaction().execute((trx) => add(trx, "late")));
  const { db } = await catalog.second();
  const rows = await db.selectFrom("account").select("id").execute();
  assert.deepEqual(rows, [{ id: "a" }], "an instance that had let its lock go has written");
});
