import type { DatabaseConnection, Dialect, Driver } from "kysely";
import type { Catalog } from "../contract/index.ts";

/** What a driver is about to do inside a transaction, or (`committed`) has just done. */
export type DriverMoment = "begin" | "statement" | "commit" | "committed";

/** The catalog, with `watch` called at each moment of its transactions. */
export const watchedCatalog = (catalog: Catalog, watch: (moment: DriverMoment) => void): Catalog => ({
  id: catalog.id,
  location: catalog.location,
  capabilities: catalog.capabilities,
  lock: () => catalog.lock(),
  dialect: () => watchedDialect(catalog.dialect(), watch),
});

const watchedDialect = (dialect: Dialect, watch: (moment: DriverMoment) => void): Dialect => ({
  createAdapter: () => dialect.createAdapter(),
  createIntrospector: (db) => dialect.createIntrospector(db),
  createQueryCompiler: () => dialect.createQueryCompiler(),
  createDriver: () => watchedDriver(dialect.createDriver(), watch),
});

const watchedDriver = (driver: Driver, watch: (moment: DriverMoment) => void): Driver => {
  const soundOf = new WeakMap<DatabaseConnection, DatabaseConnection>();
  const sound = (connection: DatabaseConnection) => soundOf.get(connection) ?? connection;
  let open = false;
  return {
    init: () => driver.init(),
    async acquireConnection() {
      const connection = await driver.acquireConnection();
      const watched: DatabaseConnection = {
        executeQuery(query) {
          if (open) watch("statement");
          return connection.executeQuery(query);
        },
        streamQuery: (query, size) => connection.streamQuery(query, size),
      };
      soundOf.set(watched, connection);
      return watched;
    },
    async beginTransaction(connection, settings) {
      watch("begin");
      open = true;
      await driver.beginTransaction(sound(connection), settings);
    },
    async commitTransaction(connection) {
      watch("commit");
      open = false;
      await driver.commitTransaction(sound(connection));
      watch("committed");
    },
    async rollbackTransaction(connection) {
      open = false;
      await driver.rollbackTransaction(sound(connection));
    },
    releaseConnection: (connection) => driver.releaseConnection(sound(connection)),
    destroy: () => driver.destroy(),
  };
};
