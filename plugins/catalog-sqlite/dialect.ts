import { setTimeout } from "node:timers/promises";
import type { Dialect, SqliteDialect } from "kysely";
import { BUSY_TIMEOUT_MS } from "./database.ts";
import { codeOf, type Libsql } from "./driver.ts";

/** How long a transaction that waits for another writer lets it be between two attempts. */
const FIRST_PAUSE_MS = 1;
const LONGEST_PAUSE_MS = 50;

/** What is no statement of a transaction, but about transactions or the whole database. */
const ABOUT_ALL = /^\s*(begin|commit|end|rollback|savepoint|release|pragma|vacuum|attach|detach)\b/i;

type Database = InstanceType<Libsql>;

/**
 * Kysely's dialect, in which a transaction has the write lock from its beginning: one that began as a reader would be
 * refused in its middle by another writer, and the driver never ends a statement that was refused, which then keeps
 * every later transaction from being committed. What may be refused is therefore executed as text, which it does end.
 */
export const dialectOf = (Sqlite: typeof SqliteDialect, database: Database): Dialect => {
  const dialect = new Sqlite({
    database: {
      prepare: (sql) => {
        const statement = database.prepare(sql);
        return {
          reader: statement.reader,
          all: (parameters) => statement.all(parameters),
          iterate: (parameters) => statement.iterate(parameters),
          run: (parameters) =>
            ABOUT_ALL.test(sql)
              ? statement.run(parameters)
              : inTransaction(database, () => statement.run(parameters)),
        };
      },
      close() {
        try {
          // The driver leaves it undone: whoever copies the file of a stopped server is to have everything.
          database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
        } finally {
          database.close();
        }
      },
    },
  });
  return {
    createAdapter: () => dialect.createAdapter(),
    createIntrospector: (db) => dialect.createIntrospector(db),
    createQueryCompiler: () => dialect.createQueryCompiler(),
    createDriver() {
      const driver = dialect.createDriver();
      return {
        init: () => driver.init(),
        acquireConnection: () => driver.acquireConnection(),
        beginTransaction: () => begin(database),
        commitTransaction: async () => void database.exec("COMMIT"),
        rollbackTransaction: async () => void database.exec("ROLLBACK"),
        releaseConnection: (connection) => driver.releaseConnection(connection),
        destroy: () => driver.destroy(),
      };
    },
  };
};

/** Waits without holding up the thread: its writer may be in this very process. */
const begin = async (database: Database): Promise<void> => {
  const until = performance.now() + BUSY_TIMEOUT_MS;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS))
    try {
      database.exec("PRAGMA busy_timeout = 0; BEGIN IMMEDIATE");
      return;
    } catch (error) {
      if (!codeOf(error).startsWith("SQLITE_BUSY") || performance.now() > until) throw error;
      await setTimeout(pauseMs);
    } finally {
      database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    }
};

/** A statement of its own is a transaction of its own, which is begun before it as every other is. */
const inTransaction = <T>(database: Database, run: () => T): T => {
  if (database.inTransaction) return run();
  database.exec("BEGIN IMMEDIATE");
  try {
    const answer = run();
    database.exec("COMMIT");
    return answer;
  } catch (error) {
    if (database.inTransaction) database.exec("ROLLBACK");
    throw error;
  }
};
