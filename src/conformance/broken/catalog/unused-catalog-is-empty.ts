import { CompiledQuery } from "kysely";
import { overDriver } from "./over.ts";

/** Keeps notes of its own in a table beside those of the engine. */
export default overDriver((sound) => ({
  async init() {
    await sound.init();
    const connection = await sound.acquireConnection();
    await connection.executeQuery(CompiledQuery.raw("create table if not exists notes (text text)"));
    await sound.releaseConnection(connection);
  },
}));
