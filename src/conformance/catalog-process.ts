/** The other process of `other-catalog.ts`: does its one thing with the catalog under test, and waits to be killed. */
import { setImmediate } from "node:timers/promises";
import { Kysely } from "kysely";
import { CodedError } from "../contract/errors.ts";
import { Catalog } from "../contract/points/catalog.ts";
import { leaveMark } from "./datastore-tasks.ts";
import { openTables } from "./engine-tables.ts";
import type { CatalogAnswer, CatalogTask } from "./other-catalog.ts";
import { openPlugin, type PluginRequest } from "./plugin-under-test.ts";
import { watchedCatalog } from "./watched-dialect.ts";

interface Accounts {
  readonly account: { readonly id: string; readonly balance: number };
}

const [request = "", given = ""] = process.argv.slice(2);
const task = JSON.parse(given) as CatalogTask;

/** At once: not one line of this process runs after it. */
const die = (): void => void process.kill(process.pid, "SIGKILL");

const dyingAt = (wanted: number) => {
  let moments = 0;
  return () => {
    moments += 1;
    if (moments === wanted) die();
  };
};

const say = (answer: CatalogAnswer): Promise<void> =>
  new Promise((sent) => process.send?.(answer, () => sent()));

const account = (id: string) => ({ id, balance: 1 });

const addPair = (db: Kysely<Accounts>, pair: number): Promise<void> =>
  db.transaction().execute(async (trx) => {
    for (const half of ["left", "right"])
      await trx
        .insertInto("account")
        .values(account(`${half}-${pair}`))
        .execute();
  });

const marked = async (number: number, work: () => Promise<void>): Promise<void> => {
  leaveMark({ event: "asked", number });
  await work();
  leaveMark({ event: "answered", number });
};

const tasks: { readonly [K in CatalogTask["do"]]: (catalog: Catalog, task: never) => Promise<void> } = {
  async lock(catalog) {
    await catalog.lock();
  },
  async add(catalog, { accounts, dieAt }: Extract<CatalogTask, { do: "add" }>) {
    const db = new Kysely<Accounts>({ dialect: watchedCatalog(catalog, dyingAt(dieAt)).dialect() });
    await db.transaction().execute(async (trx) => {
      for (let n = 0; n < accounts; n++)
        await trx
          .insertInto("account")
          .values(account(`added-${n}`))
          .execute();
    });
  },
  async "add-each"(catalog, { accounts }: Extract<CatalogTask, { do: "add-each" }>) {
    const db = new Kysely<Accounts>({ dialect: catalog.dialect() });
    for (let n = 0; n < accounts; n++)
      await db.transaction().execute((trx) =>
        trx
          .insertInto("account")
          .values(account(`each-${n}`))
          .execute(),
      );
    die();
  },
  async "add-pairs"(catalog) {
    const db = new Kysely<Accounts>({ dialect: catalog.dialect() });
    for (let pairs = 1; ; pairs++) {
      await addPair(db, pairs);
      // A turn later: to be killed as a transaction resolves is the affair of `add-each`, which needs no luck for it.
      await setImmediate();
      await say({ pairs });
    }
  },
  async "add-marked"(catalog, { pairs }: Extract<CatalogTask, { do: "add-marked" }>) {
    const db = new Kysely<Accounts>({ dialect: catalog.dialect() });
    await marked(0, () =>
      db.transaction().execute((trx) =>
        trx.schema
          .createTable("account")
          .addColumn("id", "text", (column) => column.primaryKey())
          .addColumn("balance", "bigint", (column) => column.notNull())
          .execute(),
      ),
    );
    for (let pair = 1; pair <= pairs; pair++) await marked(pair, () => addPair(db, pair));
  },
  async "open-tables"(catalog, { dieAt }: Extract<CatalogTask, { do: "open-tables" }>) {
    await openTables(watchedCatalog(catalog, dyingAt(dieAt)));
  },
};

process.on("disconnect", () => process.exit());
try {
  const { get } = await openPlugin(JSON.parse(request) as PluginRequest, "control");
  await tasks[task.do](get(Catalog), task as never);
  await say({});
} catch (error) {
  await say({ code: CodedError.is(error) ? error.code : String(error) });
}
