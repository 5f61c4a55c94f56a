import type { DatabaseConnection } from "kysely";
import { connectionOver, overDriver } from "./over.ts";

/** Lets all transactions of one instance use its one connection at once, and commits when the last one has ended. */
export default overDriver((sound) => {
  let only: Promise<DatabaseConnection> | undefined;
  const working = new Set<DatabaseConnection>();
  let idle = Promise.resolve();
  let becomeIdle = () => {};
  const end = async (connection: DatabaseConnection, how: (sound: DatabaseConnection) => Promise<void>) => {
    working.delete(connection);
    if (working.size > 0) return;
    if (only) await how(await only);
    becomeIdle();
  };
  return {
    async acquireConnection() {
      only ??= sound.acquireConnection();
      const connection = await only;
      const lent = connectionOver(connection, async (query) => {
        if (!working.has(lent)) await idle;
        return connection.executeQuery(query);
      });
      return lent;
    },
    async beginTransaction(connection, settings) {
      if (working.size === 0) {
        idle = new Promise((resolve) => {
          becomeIdle = resolve;
        });
        if (only) await sound.beginTransaction(await only, settings);
      }
      working.add(connection);
    },
    commitTransaction: (connection) => end(connection, (last) => sound.commitTransaction(last)),
    rollbackTransaction: (connection) => end(connection, (last) => sound.rollbackTransaction(last)),
    releaseConnection: async () => {},
  };
});
