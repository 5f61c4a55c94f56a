import { CompiledQuery } from "kysely";
import { overDriver } from "./over.ts";

/** They compare all tables with those that there must be. */
export const alsoCaughtBy = [
  "A server is killed while it makes its tables",
  "A catalog of each earlier version is opened, and opened again",
  "An old server is started by mistake",
];

/** Keeps notes of its own in a table beside those of the engine. */
export default overDriver((sound) => ({
  async init() {
    await sound.init();
    const connection = await sound.acquireConnection();
    const { rows } = await connection.executeQuery(CompiledQuery.raw("select name from sqlite_master"));
    if (rows.length === 0) await connection.executeQuery(CompiledQuery.raw("create table notes (text text)"));
    await sound.releaseConnection(connection);
  },
}));
