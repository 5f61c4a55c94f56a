import type { Dialect, SqliteDialect } from "kysely";
import { type Catalog, CodedError } from "pagurus";
import { createDatabase, openDatabase } from "./database.ts";
import { dialectOf } from "./dialect.ts";
import type { Libsql } from "./driver.ts";
import { holdLock } from "./lock.ts";

/** The catalog in one SQLite file, with a lock file beside it. */
export class SqliteCatalog implements Catalog {
  readonly id: string;
  readonly location: string;
  readonly capabilities = { durable: true };
  #libsql: Libsql | undefined;
  #dialect: typeof SqliteDialect | undefined;
  #database: InstanceType<Libsql> | undefined;
  #lock: { release(): void } | undefined;

  /** `path` is absolute. */
  constructor(id: string, path: string) {
    this.id = id;
    this.location = path;
  }

  /** Makes the database where there is none; one that is there is checked from end to end before it is opened. */
  async start(): Promise<void> {
    if (this.#database) return;
    // Loaded on demand: disk threads, and a server with another catalog, do without both.
    const [{ default: Libsql }, { SqliteDialect }] = await Promise.all([import("libsql"), import("kysely")]);
    createDatabase(Libsql, this.location);
    this.#database = openDatabase(Libsql, this.location);
    this.#libsql = Libsql;
    this.#dialect = SqliteDialect;
  }

  dialect(): Dialect {
    const database = this.#database;
    const SqliteDialect = this.#dialect;
    if (!database || !SqliteDialect) throw this.#notStarted();
    return dialectOf(SqliteDialect, database);
  }

  async lock(): Promise<{ release(): Promise<void> }> {
    if (!this.#libsql) throw this.#notStarted();
    const lock = holdLock(this.#libsql, this.location);
    this.#lock = lock;
    return { release: async () => lock.release() };
  }

  stop(): void {
    this.#database?.close();
    this.#database = undefined;
    this.#lock?.release();
    this.#lock = undefined;
  }

  #notStarted() {
    return new CodedError("catalog-unavailable", {
      catalog: this.location,
      reason: "it has not been started",
    });
  }
}
