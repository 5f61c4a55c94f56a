import { closeSync, openSync, realpathSync } from "node:fs";
import { CodedError } from "pagurus";
import { catalogError, codeOf, type Libsql } from "./driver.ts";

/**
 * Holds the catalog at `path` against every other process and every other holder in this one, until it is released
 * or the process dies. The kernel's record locks are what holds: SQLite takes them for an exclusive transaction on
 * a database of its own beside the catalog, and keeps its connections of one process apart. `catalog-locked`.
 */
export const holdLock = (libsql: Libsql, path: string): { release(): void } => {
  const file = `${realPath(path)}.lock`;
  let database: InstanceType<Libsql> | undefined;
  try {
    makePrivate(file);
    database = new libsql(file, { timeout: 0 });
    // In memory: the transaction never writes, and its journal shall not lie about after a crash.
    database.exec("PRAGMA journal_mode = MEMORY");
    database.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    database?.close();
    if (codeOf(error).startsWith("SQLITE_BUSY")) throw new CodedError("catalog-locked", { catalog: path });
    throw catalogError(error, path);
  }
  const held = database;
  return {
    release: () => {
      if (!held.open) return;
      held.exec("ROLLBACK"); // closing alone may leave it to the garbage collector
      held.close();
    },
  };
};

/** The same file under two names has one lock. */
const realPath = (path: string): string => {
  try {
    return realpathSync(path);
  } catch {
    return path; // not made yet
  }
};

/**
 * Makes an empty file that only its owner may read, where there is none. One that exists isn't even opened: closing
 * any descriptor of a file drops every record lock that this process has on it.
 */
export const makePrivate = (file: string): void => {
  try {
    closeSync(openSync(file, "wx", 0o600));
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
  }
};
