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

type Reads<T> = (trx: Transacting) => Promise<T>;

/** What two do at once: each reads, lets the other read too, and writes by what it has found. */
interface Anomaly {
  readonly works: readonly [Work<never>, Work<never>];
  /** What the accounts may be afterwards, if one has run after the other. */
  readonly sound: readonly string[];
}
interface Work<T> {
  readonly read: Reads<T>;
  write(trx: Transacting, found: T): Promise<void>;
}

const balanceOf =
  (id: string): Reads<number> =>
  async (trx) =>
    (await trx.selectFrom("account").select("balance").where("id", "=", id).executeTakeFirstOrThrow())
      .balance;

const set = async (trx: Transacting, id: string, balance: number): Promise<void> => {
  await trx.updateTable("account").set({ balance }).where("id", "=", id).execute();
};

const sum: Reads<number> = async (trx) => {
  const rows = await trx.selectFrom("account").select("balance").execute();
  return rows.reduce((total, { balance }) => total + balance, 0);
};

const names: Reads<readonly string[]> = async (trx) =>
  (await trx.selectFrom("account").select("id").where("id", ">=", "c").execute()).map(({ id }) => id);

const adds = (amount: number): Work<number> => ({
  read: balanceOf("a"),
  write: (trx, balance) => set(trx, "a", balance + amount),
});
const empties = (id: string): Work<number> => ({
  read: sum,
  write: async (trx, total) => {
    if (total === 150) await set(trx, id, 0);
  },
});
const copies = (from: string, to: string): Work<number> => ({
  read: balanceOf(from),
  write: (trx, balance) => set(trx, to, balance),
});
const addsTheOnly = (id: string): Work<readonly string[]> => ({
  read: names,
  write: async (trx, found) => {
    if (found.length === 0) await add(trx, id);
  },
});

export const anomalies: Readonly<Record<string, Anomaly>> = {
  "lost update": { works: [adds(10), adds(1)], sound: ["a 111, b 50"] },
  "write skew": { works: [empties("a"), empties("b")], sound: ["a 0, b 50", "a 100, b 0"] },
  swap: { works: [copies("a", "b"), copies("b", "a")], sound: ["a 100, b 100", "a 50, b 50"] },
  phantom: { works: [addsTheOnly("c"), addsTheOnly("d")], sound: ["a 100, b 50, c 1", "a 100, b 50, d 1"] },
};

/** Lets both do their work at once; resolves when both are done. */
export const runBoth = async (
  { works: [one, other] }: Anomaly,
  [first, second]: readonly [Database, Database],
): Promise<void> => {
  const hasRead = new Set<unknown>();
  const run = (db: Database, work: Work<never>, against: Work<never>) =>
    insist(db, async (trx) => {
      const found = await work.read(trx);
      hasRead.add(work);
      await giveAChance(trx, () => hasRead.has(against));
      await work.write(trx, found);
    });
  await Promise.all([run(first, one, other), run(second, other, one)]);
};

/** What is wrong with how the two came out; `undefined` where nothing is. */
export const wrongAfter = async ({ sound }: Anomaly, db: Database): Promise<string | undefined> => {
  const found = await accountsText(db);
  if (sound.includes(found)) return undefined;
  return `one after the other would have left ${sound.join(" or ")}; they left ${found}`;
};
