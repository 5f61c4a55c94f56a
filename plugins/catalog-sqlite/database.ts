import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import { CodedError } from "pagurus";
import { catalogError, type Libsql } from "./driver.ts";
import { holdLock, makePrivate } from "./lock.ts";

/** How long the catalog waits for whoever has it from outside, such as a backup. */
export const BUSY_TIMEOUT_MS = 5_000;

/**
 * Makes an empty catalog where there is none. It appears under its name whole or not at all, so that an empty file
 * of that name is always damage and never mistaken for a new catalog.
 */
export const createDatabase = (libsql: Libsql, path: string): void => {
  try {
    if (statSync(path, { throwIfNoEntry: false })) return;
  } catch (error) {
    throw catalogError(error, path);
  }
  const lock = holdLock(libsql, path);
  const fresh = `${path}.new`;
  try {
    // Again, under the lock: another server may have made it meanwhile.
    if (statSync(path, { throwIfNoEntry: false })) return;
    for (const left of [fresh, `${fresh}-wal`, `${fresh}-shm`]) rmSync(left, { force: true });
    makePrivate(fresh);
    const database = new libsql(fresh);
    database.exec("PRAGMA journal_mode = WAL");
    database.close();
    renameSync(fresh, path);
    syncDirectory(dirname(path));
  } catch (error) {
    throw catalogError(error, path);
  } finally {
    lock.release();
  }
};

const syncDirectory = (directory: string): void => {
  const descriptor = openSync(directory, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
};

/** Opens a catalog for writing, once a reading from end to end has found it whole. */
export const openDatabase = (libsql: Libsql, path: string): InstanceType<Libsql> => {
  let database: InstanceType<Libsql> | undefined;
  try {
    checkDatabase(libsql, path);
    database = new libsql(path, { timeout: BUSY_TIMEOUT_MS });
    for (const setting of ["journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"])
      database.exec(`PRAGMA ${setting}`);
    // Says now, and not at the first job, that the file or its directory can't be written.
    database.exec("BEGIN IMMEDIATE");
    database.exec("ROLLBACK");
    return database;
  } catch (error) {
    database?.close();
    throw CodedError.is(error) ? error : catalogError(error, path);
  }
};

/** Read-only, because closing the last connection of a writer would change the file that is to be left as it is. */
const checkDatabase = (libsql: Libsql, path: string): void => {
  const file = statSync(path);
  if (!file.isFile())
    throw new CodedError("catalog-unavailable", { catalog: path, reason: "it is not a file" });
  if (file.size === 0)
    throw new CodedError("catalog-damaged", { catalog: path, reason: "the file is empty" });
  const database = new libsql(`${pathToFileURL(path).href}?mode=ro`, { timeout: BUSY_TIMEOUT_MS });
  try {
    const [problem] = database.prepare("PRAGMA quick_check(1)").all();
    const verdict = problem instanceof Object ? String(Object.values(problem)[0]) : "no answer";
    if (verdict !== "ok") throw new CodedError("catalog-damaged", { catalog: path, reason: verdict });
  } finally {
    database.close();
  }
};
