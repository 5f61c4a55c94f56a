import { join } from "node:path";
import type {
  DatabaseConnection,
  DatabaseIntrospector,
  Dialect,
  Driver,
  CompiledQuery as Query,
  QueryResult,
} from "kysely";
import { Catalog, definePlugin, type Plugin, z } from "pagurus";
import { SqliteCatalog } from "../../../../plugins/catalog-sqlite/catalog.ts";

/** A plugin whose catalog, one SQLite file, is sound but for what `broken` puts in place. */
export const overCatalog = (broken: (sound: Catalog) => Partial<Catalog>): Plugin =>
  definePlugin({
    id: "broken-catalog",
    apiVersion: 1,
    summary: "A catalog that breaks one rule",
    provides: [Catalog],
    config: z.strictObject({}),
    register({ bind, id, dataDir }) {
      const sound = new SqliteCatalog(id, join(dataDir, "catalog.db"));
      const whole: Catalog = {
        id,
        location: sound.location,
        capabilities: sound.capabilities,
        start: () => sound.start(),
        stop: () => sound.stop(),
        dialect: () => sound.dialect(),
        lock: () => sound.lock(),
      };
      bind(Catalog).toConstantValue({ ...whole, ...broken(whole) });
    },
  });

/** The same, where what is broken is how it drives its database. */
export const overDriver = (broken: (sound: Driver, catalog: Catalog) => Partial<Driver>): Plugin =>
  overCatalog((catalog) => ({
    dialect: () => {
      const dialect = catalog.dialect();
      return {
        ...whole(dialect),
        createDriver: () => driverOver(dialect, (sound) => broken(sound, catalog)),
      };
    },
  }));

/** What becomes of a query; `run` is what should. */
export type Execute = (
  query: Query,
  run: (query: Query) => Promise<QueryResult<unknown>>,
  inTransaction: boolean,
) => Promise<QueryResult<unknown>>;

/** The same, where what is broken is what becomes of a query; `broken` is asked once for each connection. */
export const overQueries = (broken: () => Execute): Plugin =>
  overDriver((sound) => {
    const execute = broken();
    const soundOf = new WeakMap<DatabaseConnection, DatabaseConnection>();
    const inTransaction = new WeakSet<DatabaseConnection>();
    const inner = (connection: DatabaseConnection) => soundOf.get(connection) ?? connection;
    return {
      async acquireConnection() {
        const connection = await sound.acquireConnection();
        const run = (query: Query) => connection.executeQuery(query);
        const lent = connectionOver(connection, (query) => execute(query, run, inTransaction.has(lent)));
        soundOf.set(lent, connection);
        return lent;
      },
      beginTransaction(connection, settings) {
        inTransaction.add(connection);
        return sound.beginTransaction(inner(connection), settings);
      },
      commitTransaction: (connection) => sound.commitTransaction(inner(connection)),
      rollbackTransaction: (connection) => sound.rollbackTransaction(inner(connection)),
      releaseConnection: (connection) => sound.releaseConnection(inner(connection)),
    };
  });

/** The same, where what is broken is which tables it lists. */
export const overTables = (broken: (sound: DatabaseIntrospector) => Partial<DatabaseIntrospector>): Plugin =>
  overCatalog((catalog) => ({
    dialect: () => {
      const dialect = catalog.dialect();
      return {
        ...whole(dialect),
        createIntrospector(db) {
          const sound = dialect.createIntrospector(db);
          return {
            getSchemas: () => sound.getSchemas(),
            getTables: (options) => sound.getTables(options),
            getMetadata: (options) => sound.getMetadata(options),
            ...broken(sound),
          };
        },
      };
    },
  }));

/** The connection, but for its queries, whose answers are what `execute` gives. */
export const connectionOver = (
  sound: DatabaseConnection,
  execute: (query: Query) => Promise<QueryResult<unknown>>,
): DatabaseConnection => ({
  executeQuery: <R>(query: Query) => execute(query) as Promise<QueryResult<R>>,
  streamQuery: (query, size) => sound.streamQuery(query, size),
});

export const isWrite = ({ sql }: Query): boolean => /^\s*(insert|update|delete)\b/i.test(sql);

export const changesTables = ({ sql }: Query): boolean => /^\s*(create|alter|drop)\b/i.test(sql);

const whole = (dialect: Dialect): Dialect => ({
  createAdapter: () => dialect.createAdapter(),
  createDriver: () => dialect.createDriver(),
  createIntrospector: (db) => dialect.createIntrospector(db),
  createQueryCompiler: () => dialect.createQueryCompiler(),
});

const driverOver = (dialect: Dialect, broken: (sound: Driver) => Partial<Driver>): Driver => {
  const sound = dialect.createDriver();
  return {
    init: () => sound.init(),
    acquireConnection: () => sound.acquireConnection(),
    beginTransaction: (connection, settings) => sound.beginTransaction(connection, settings),
    commitTransaction: (connection) => sound.commitTransaction(connection),
    rollbackTransaction: (connection) => sound.rollbackTransaction(connection),
    releaseConnection: (connection) => sound.releaseConnection(connection),
    destroy: () => sound.destroy(),
    ...broken(sound),
  };
};
