import { CompiledQuery } from "kysely";
import { overDriver } from "./over.ts";

/** Leaves it to the operating system when what was committed reaches storage. */
export default overDriver((sound) => ({
  async init() {
    await sound.init();
    const connection = await sound.acquireConnection();
    await connection.executeQuery(CompiledQuery.raw("PRAGMA synchronous = OFF"));
    await sound.releaseConnection(connection);
  },
}));
