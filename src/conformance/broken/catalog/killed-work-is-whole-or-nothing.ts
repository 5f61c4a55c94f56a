import { appendFileSync, existsSync, readFileSync, rmSync } from "node:fs";
import { CompiledQuery, type DatabaseConnection, type Driver } from "kysely";
import { changesTables, connectionOver, isWrite, overDriver } from "./over.ts";

const redo = async (driver: Driver, log: string): Promise<void> => {
  if (!existsSync(log)) return;
  const connection = await driver.acquireConnection();
  for (const line of readFileSync(log, "utf8").trim().split("\n")) {
    const { sql, parameters } = JSON.parse(line) as CompiledQuery;
    await connection.executeQuery(CompiledQuery.raw(sql, [...parameters]));
  }
  await driver.releaseConnection(connection);
  rmSync(log);
};

export const alsoCaughtBy = ["The power fails while a catalog is made and written to"];

/** Keeps a log of the rows that a transaction writes, and writes at its next start what the log says, committed or not. */
export default overDriver((sound, { location }) => {
  const log = `${location}.redo`;
  let open = false;
  const logged = (connection: DatabaseConnection) =>
    connectionOver(connection, (query) => {
      const { sql, parameters } = query;
      // Whoever changes tables writes rows for these: they are nothing that could be written without them.
      if (changesTables(query)) open = false;
      if (open && isWrite(query)) appendFileSync(log, `${JSON.stringify({ sql, parameters })}\n`);
      return connection.executeQuery(query);
    });
  const ended = async (end: Promise<void>) => {
    open = false;
    await end;
    rmSync(log, { force: true });
  };
  return {
    async init() {
      await sound.init();
      await redo(sound, log);
    },
    acquireConnection: async () => logged(await sound.acquireConnection()),
    async beginTransaction(connection, settings) {
      await sound.beginTransaction(connection, settings);
      open = true;
    },
    commitTransaction: (connection) => ended(sound.commitTransaction(connection)),
    rollbackTransaction: (connection) => ended(sound.rollbackTransaction(connection)),
  };
});
