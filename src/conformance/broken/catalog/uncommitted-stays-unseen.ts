import type { DatabaseConnection } from "kysely";
import { connectionOver, overDriver } from "./over.ts";

/** Has one connection for all: who reads beside a transaction reads what that one has written. */
export default overDriver((sound) => {
  let only: Promise<DatabaseConnection> | undefined;
  const connectionOf = async () => {
    only ??= sound.acquireConnection().then(async (connection) => {
      await sound.releaseConnection(connection);
      return connection;
    });
    return only;
  };
  const inTurn = new Set<DatabaseConnection>();
  return {
    async acquireConnection() {
      const connection = await connectionOf();
      return connectionOver(connection, (query) => connection.executeQuery(query));
    },
    async beginTransaction(connection, settings) {
      // The sound one's turns: only who begins a transaction waits for one.
      await sound.acquireConnection();
      inTurn.add(connection);
      await sound.beginTransaction(await connectionOf(), settings);
    },
    commitTransaction: async () => sound.commitTransaction(await connectionOf()),
    rollbackTransaction: async () => sound.rollbackTransaction(await connectionOf()),
    async releaseConnection(connection) {
      if (inTurn.delete(connection)) await sound.releaseConnection(await connectionOf());
    },
  };
});
