import { mkdir } from "node:fs/promises";
import { Kysely, type Transaction } from "kysely";
import { Catalog } from "pagurus";
import {
  type CatalogTask,
  type OtherCatalog,
  openPlugin,
  type PluginRequest,
  startOtherCatalog,
} from "pagurus/conformance";
import type { Kit } from "../world.ts";

/** How long a step may take that starts processes. */
export const PROCESSES_MS = 60_000;

/** The kit's own tables. */
export interface Accounts {
  readonly account: { readonly id: string; readonly balance: number };
  /** Belongs to an account. */
  readonly entry: { readonly id: string; readonly account: string; readonly text: string | null };
}
export type Database = Kysely<Accounts>;
export type Transacting = Transaction<Accounts>;

/** One instance of the catalog under test, with its one connection to the database. */
export class CatalogInstance {
  readonly catalog: Catalog;
  #db: Database | undefined;

  constructor(catalog: Catalog) {
    this.catalog = catalog;
  }

  get db(): Database {
    this.#db ??= new Kysely<Accounts>({ dialect: this.catalog.dialect() });
    return this.#db;
  }

  /** As a server does that ends: its connection first. */
  async stop(): Promise<void> {
    await this.#db?.destroy();
    await this.catalog.stop?.();
  }
}

/** The instances of the catalog that a scenario works with; they share one database. */
export class CatalogUnderTest {
  readonly #kit: Kit;
  readonly #others: OtherCatalog[] = [];
  #first: CatalogInstance | undefined;
  #second: CatalogInstance | undefined;

  constructor(kit: Kit) {
    this.#kit = kit;
  }

  /** The instance that was opened before the scenario began. */
  get first(): CatalogInstance {
    this.#first ??= new CatalogInstance(this.#kit.instance(Catalog));
    return this.#first;
  }

  get db(): Database {
    return this.first.db;
  }

  /** The scenario's other instance. */
  async second(): Promise<CatalogInstance> {
    this.#second ??= await this.open();
    return this.#second;
  }

  /** One more instance, as another server would have it, or the same server at its next start. */
  async open(): Promise<CatalogInstance> {
    return new CatalogInstance((await this.#kit.open()).get(Catalog));
  }

  /** An instance of another catalog, which nobody has used before it is first asked for by this name. */
  async elsewhere(place: string): Promise<CatalogInstance> {
    const opened = await openPlugin(await this.#requestFor(place), "control");
    this.#kit.opened.push(opened);
    return new CatalogInstance(opened.get(Catalog));
  }

  /** Another process that has the catalog, and does the one thing with it. */
  async other(task: CatalogTask, place?: string): Promise<OtherCatalog> {
    const request = place === undefined ? this.#kit.request : await this.#requestFor(place);
    const other = startOtherCatalog(request, task);
    this.#others.push(other);
    return other;
  }

  async #requestFor(place: string): Promise<PluginRequest> {
    const { folder, request } = this.#kit;
    await mkdir(`${folder}/${place}`, { recursive: true, mode: 0o700 });
    const text = JSON.stringify(request).replaceAll(`${folder}/tmp`, `${folder}/${place}`);
    return JSON.parse(text) as PluginRequest;
  }

  async killOthers(): Promise<void> {
    for (const other of this.#others) await other.kill();
  }

  end(): Promise<void> {
    return this.killOthers();
  }
}

export const makeTables = async ({ schema }: Database): Promise<void> => {
  await schema
    .createTable("account")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("balance", "bigint", (column) => column.notNull())
    .execute();
  await schema
    .createTable("entry")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("account", "text", (column) => column.notNull().references("account.id"))
    .addColumn("text", "text", (column) => column.unique())
    .execute();
};

/** `a 100, b 50`, by name. */
export const accountsText = async (db: Database | Transacting): Promise<string> => {
  const rows = await db.selectFrom("account").selectAll().orderBy("id").execute();
  return rows.map(({ id, balance }) => `${id} ${balance}`).join(", ");
};

export const add = async (db: Database | Transacting, id: string, balance = 1): Promise<void> => {
  await db.insertInto("account").values({ id, balance }).execute();
};
