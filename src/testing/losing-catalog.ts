import type { CompiledQuery, DatabaseConnection, Dialect, Driver } from "kysely";
import type { Catalog } from "../contract/index.ts";

/** A commit that is about to be made. */
export interface SeenCommit {
  /** What the transaction ran. */
  readonly queries: readonly CompiledQuery[];
}

/**
 * `deliver`: as it should be. `refuse`: it fails and is rolled back. `lose`: it is made and durable, and then it
 * fails as if it weren't.
 */
export type CommitFate = "deliver" | "refuse" | "lose";

/** A catalog whose commits may fail, or happen with their answers lost. Whoever asked can't tell which. */
export const losingCatalog = (catalog: Catalog, fate: (commit: SeenCommit) => CommitFate): Catalog => ({
  id: catalog.id,
  location: catalog.location,
  capabilities: catalog.capabilities,
  start: (options) => catalog.start?.(options),
  stop: () => catalog.stop?.(),
  lock: () => catalog.lock(),
  dialect: () => losingDialect(catalog.dialect(), fate),
});

const losingDialect = (dialect: Dialect, fate: (commit: SeenCommit) => CommitFate): Dialect => ({
  createAdapter: () => dialect.createAdapter(),
  createIntrospector: (db) => dialect.createIntrospector(db),
  createQueryCompiler: () => dialect.createQueryCompiler(),
  createDriver: () => new LosingDriver(dialect.createDriver(), fate),
});

/** What is remembered of a connection while it is lent out. */
class Lent {
  readonly inner: DatabaseConnection;
  queries: CompiledQuery[] = [];
  committed = false;

  constructor(inner: DatabaseConnection) {
    this.inner = inner;
  }
}

class LosingDriver implements Driver {
  readonly #inner: Driver;
  readonly #fate: (commit: SeenCommit) => CommitFate;
  readonly #lent = new WeakMap<DatabaseConnection, Lent>();

  constructor(inner: Driver, fate: (commit: SeenCommit) => CommitFate) {
    this.#inner = inner;
    this.#fate = fate;
  }

  init(): Promise<void> {
    return this.#inner.init();
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    const lent = new Lent(await this.#inner.acquireConnection());
    const connection: DatabaseConnection = {
      executeQuery: (query) => {
        lent.queries.push(query);
        return lent.inner.executeQuery(query);
      },
      streamQuery: (query, size) => lent.inner.streamQuery(query, size),
    };
    this.#lent.set(connection, lent);
    return connection;
  }

  beginTransaction(connection: DatabaseConnection, settings: Parameters<Driver["beginTransaction"]>[1]) {
    const lent = this.#of(connection);
    lent.queries = [];
    lent.committed = false;
    return this.#inner.beginTransaction(lent.inner, settings);
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    const lent = this.#of(connection);
    const fate = this.#fate({ queries: lent.queries });
    if (fate !== "refuse") {
      await this.#inner.commitTransaction(lent.inner);
      lent.committed = true;
    }
    if (fate !== "deliver") throw new Error("the connection was lost during the commit");
  }

  /** After a lost answer there is nothing left to roll back. */
  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    const lent = this.#of(connection);
    if (!lent.committed) await this.#inner.rollbackTransaction(lent.inner);
  }

  releaseConnection(connection: DatabaseConnection): Promise<void> {
    return this.#inner.releaseConnection(this.#of(connection).inner);
  }

  destroy(): Promise<void> {
    return this.#inner.destroy();
  }

  #of(connection: DatabaseConnection): Lent {
    const lent = this.#lent.get(connection);
    if (!lent) throw new TypeError("this connection was lent by another driver");
    return lent;
  }
}
