import { setImmediate } from "node:timers/promises";
import { accountsText, add, type Database, type Transacting } from "./catalog-under-test.ts";

/** How many statements one transaction lets pass while it waits for what a sound catalog may never let happen. */
const CHANCES = 50;
/** How often work that was refused is tried again. */
const ATTEMPTS = 100;

/**
 * Lets another one come as far as it can. It is given the time of as many statements as it could need: one that a
 * sound catalog keeps waiting costs no more, and one that gets through is seen to do so.
 */
export const giveAChance = async (trx: Transacting, reached: () => boolean): Promise<void> => {
  for (let chance = 0; chance < CHANCES && !reached(); chance++) {
    await trx.selectFrom("account").select("id").limit(1).execute();
    await setImmediate();
  }
};

/** A refused transaction is tried again, as whoever uses a catalog does. */
export const insist = async (db: Database, work: (trx: Transacting) => Promise<void>): Promise<void> => {
  for (let attempt = 1; ; attempt++)
    try {
      return await db.transaction().execute(work);
    } catch (error) {
      if (attempt === ATTEMPTS)
        throw new Error(`a transaction was refused ${ATTEMPTS} times in a row`, { cause: error });
      await setImmediate();
    }
};

/** Reads, lets the other one read, and writes by what it has found. */
type Work = (trx: Transacting, otherReads: () => Promise<void>) => Promise<void>;

interface Anomaly {
  /** What two do at once. */
  readonly works: readonly [Work, Work];
  /** What the accounts may be afterwards, if one has run after the other. */
  readonly sound: readonly string[];
}

const balanceOf = async (trx: Transacting, id: string): Promise<number> =>
  (await trx.selectFrom("account").select("balance").where("id", "=", id).executeTakeFirstOrThrow()).balance;

const set = async (trx: Transacting, id: string, balance: number): Promise<void> => {
  await trx.updateTable("account").set({ balance }).where("id", "=", id).execute();
};

const adds =
  (amount: number): Work =>
  async (trx, otherReads) => {
    const balance = await balanceOf(trx, "a");
    await otherReads();
    await set(trx, "a", balance + amount);
  };
const emptiesIfBothAreFull =
  (id: string): Work =>
  async (trx, otherReads) => {
    const sum = (await balanceOf(trx, "a")) + (await balanceOf(trx, "b"));
    await otherReads();
    if (sum === 150) await set(trx, id, 0);
  };
const copies =
  (from: string, to: string): Work =>
  async (trx, otherReads) => {
    const balance = await balanceOf(trx, from);
    await otherReads();
    await set(trx, to, balance);
  };
const addsAThird =
  (id: string): Work =>
  async (trx, otherReads) => {
    const found = await trx.selectFrom("account").select("id").execute();
    await otherReads();
    if (found.length === 2) await add(trx, id);
  };

export const anomalies: Readonly<Record<string, Anomaly>> = {
  "lost update": { works: [adds(10), adds(1)], sound: ["a 111, b 50"] },
  "write skew": {
    works: [emptiesIfBothAreFull("a"), emptiesIfBothAreFull("b")],
    sound: ["a 0, b 50", "a 100, b 0"],
  },
  swap: { works: [copies("a", "b"), copies("b", "a")], sound: ["a 100, b 100", "a 50, b 50"] },
  phantom: { works: [addsAThird("c"), addsAThird("d")], sound: ["a 100, b 50, c 1", "a 100, b 50, d 1"] },
};

/** Lets both do their work at once; resolves when both are done. */
export const runBoth = async (
  { works: [one, other] }: Anomaly,
  [first, second]: readonly [Database, Database],
): Promise<void> => {
  const hasRead = new Set<Work>();
  const run = (db: Database, work: Work, against: Work) =>
    insist(db, (trx) =>
      work(trx, () => {
        hasRead.add(work);
        return giveAChance(trx, () => hasRead.has(against));
      }),
    );
  await Promise.all([run(first, one, other), run(second, other, one)]);
};

/** What is wrong with how the two came out; `undefined` where nothing is. */
export const wrongAfter = async ({ sound }: Anomaly, db: Database): Promise<string | undefined> => {
  const found = await accountsText(db);
  if (sound.includes(found)) return undefined;
  return `one after the other would have left ${sound.join(" or ")}; they left ${found}`;
};
