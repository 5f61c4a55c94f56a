import { CompiledQuery, type DatabaseConnection } from "kysely";
import { changesTables, connectionOver, isWrite, overDriver } from "./over.ts";

const BEGIN = CompiledQuery.raw("begin");
const COMMIT = CompiledQuery.raw("commit");

/** Reads what was there when it began, and writes to what is there by then. */
export default overDriver((sound) => {
  const reading = new Set<DatabaseConnection>();
  const soundOf = new WeakMap<DatabaseConnection, DatabaseConnection>();
  const inner = (connection: DatabaseConnection) => soundOf.get(connection) ?? connection;
  const ended = (connection: DatabaseConnection) => {
    reading.delete(connection);
    return inner(connection);
  };
  return {
    async acquireConnection() {
      const connection = await sound.acquireConnection();
      const lent = connectionOver(connection, async (query) => {
        if ((isWrite(query) || changesTables(query)) && reading.delete(lent)) {
          await connection.executeQuery(COMMIT);
          await sound.beginTransaction(connection, {});
        }
        return connection.executeQuery(query);
      });
      soundOf.set(lent, connection);
      return lent;
    },
    async beginTransaction(connection) {
      reading.add(connection);
      await inner(connection).executeQuery(BEGIN);
    },
    commitTransaction: (connection) => sound.commitTransaction(ended(connection)),
    rollbackTransaction: (connection) => sound.rollbackTransaction(ended(connection)),
    releaseConnection: (connection) => sound.releaseConnection(inner(connection)),
  };
});
