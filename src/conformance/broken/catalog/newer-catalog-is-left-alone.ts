import { CompiledQuery } from "kysely";
import { overDriver } from "./over.ts";

const META = CompiledQuery.raw("select name from sqlite_master where name = 'meta'");
const KNOWN = 2;
const LOWER = CompiledQuery.raw(
  `update meta set value = '${KNOWN}' where key = 'version' and cast(value as integer) > ${KNOWN}`,
);

/** Writes the newest version that it knows of into a catalog that is newer, so that servers start. */
export default overDriver((sound) => ({
  async init() {
    await sound.init();
    const connection = await sound.acquireConnection();
    const { rows } = await connection.executeQuery(META);
    if (rows.length > 0) await connection.executeQuery(LOWER);
    await sound.releaseConnection(connection);
  },
}));
