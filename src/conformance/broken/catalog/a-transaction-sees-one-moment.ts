import { CompiledQuery, type DatabaseConnection } from "kysely";
import { changesTables, connectionOver, isWrite, overDriver } from "./over.ts";

interface Reading {
  readonly query: CompiledQuery;
  readonly found: string;
}
const ROLLBACK = CompiledQuery.raw("rollback");

/** Begins a transaction only when it writes first, and then looks whether what it had read still holds. */
export default overDriver((sound) => {
  const readings = new WeakMap<DatabaseConnection, Reading[]>();
  const soundOf = new WeakMap<DatabaseConnection, DatabaseConnection>();
  const begun = new WeakSet<DatabaseConnection>();
  const inner = (connection: DatabaseConnection) => soundOf.get(connection) ?? connection;
  const read = async (connection: DatabaseConnection, query: CompiledQuery) => {
    const result = await connection.executeQuery(query);
    return { result, found: JSON.stringify(result.rows) };
  };
  const begin = async (connection: DatabaseConnection, before: readonly Reading[]) => {
    await sound.beginTransaction(connection, {});
    for (const { query, found } of before) {
      if ((await read(connection, query)).found === found) continue;
      await connection.executeQuery(ROLLBACK);
      throw new Error("what was read has changed");
    }
  };
  return {
    async acquireConnection() {
      const connection = await sound.acquireConnection();
      const lent = connectionOver(connection, async (query) => {
        const before = readings.get(lent);
        if (before && !begun.has(lent) && !isWrite(query) && !changesTables(query)) {
          const { result, found } = await read(connection, query);
          before.push({ query, found });
          return result;
        }
        if (before && !begun.has(lent)) {
          await begin(connection, before);
          begun.add(lent);
        }
        return connection.executeQuery(query);
      });
      soundOf.set(lent, connection);
      return lent;
    },
    beginTransaction: async (connection) => void readings.set(connection, []),
    async commitTransaction(connection) {
      if (begun.has(connection)) await sound.commitTransaction(inner(connection));
    },
    async rollbackTransaction(connection) {
      if (begun.has(connection)) await sound.rollbackTransaction(inner(connection));
    },
    releaseConnection: (connection) => sound.releaseConnection(inner(connection)),
  };
});
