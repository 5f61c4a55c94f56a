import { appendFileSync, existsSync, readFileSync, rmSync } from "node:fs";
import { CompiledQuery, type DatabaseConnection, type Driver } from "kysely";
import { connectionOver, isWrite, overCatalog } from "./over.ts";

/** Keeps a log of what a transaction writes, and does at its next start what the log says, committed or not. */
export default overCatalog((catalog) => {
  const log = `${catalog.location}.redo`;
  const redo = async (driver: Driver) => {
    if (!existsSync(log)) return;
    const connection = await driver.acquireConnection();
    for (const line of readFileSync(log, "utf8").trim().split("\n")) {
      const { sql, parameters } = JSON.parse(line) as CompiledQuery;
      await connection.executeQuery(CompiledQuery.raw(sql, [...parameters]));
    }
    await driver.releaseConnection(connection);
    rmSync(log);
  };
  return {
    dialect: () => {
      const dialect = catalog.dialect();
      const driver = dialect.createDriver();
      const logged = (sound: DatabaseConnection) =>
        connectionOver(sound, (query) => {
          const { sql, parameters } = query;
          if (isWrite(query)) appendFileSync(log, `${JSON.stringify({ sql, parameters })}\n`);
          return sound.executeQuery(query);
        });
      const ended = async (end: Promise<void>) => {
        await end;
        rmSync(log, { force: true });
      };
      return {
        createAdapter: () => dialect.createAdapter(),
        createIntrospector: (db) => dialect.createIntrospector(db),
        createQueryCompiler: () => dialect.createQueryCompiler(),
        createDriver: () => ({
          async init() {
            await driver.init();
            await redo(driver);
          },
          acquireConnection: async () => logged(await driver.acquireConnection()),
          beginTransaction: (connection, settings) => driver.beginTransaction(connection, settings),
          commitTransaction: (connection) => ended(driver.commitTransaction(connection)),
          rollbackTransaction: (connection) => ended(driver.rollbackTransaction(connection)),
          releaseConnection: (connection) => driver.releaseConnection(connection),
          destroy: () => driver.destroy(),
        }),
      };
    },
  };
});
