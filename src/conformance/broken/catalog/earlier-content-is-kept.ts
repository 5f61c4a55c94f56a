import { CompiledQuery } from "kysely";
import { overDriver } from "./over.ts";

const JOBS = CompiledQuery.raw("select name from sqlite_master where name = 'job_step'");
const TIDY = CompiledQuery.raw("delete from job_step where job in (select id from job where ended_at > 0)");

export const alsoCaughtBy = ["A server is killed while it makes its tables"];

/** Tidies up when it is opened: what jobs did that have ended long ago is nobody's interest any more. */
export default overDriver((sound) => ({
  async init() {
    await sound.init();
    const connection = await sound.acquireConnection();
    const { rows } = await connection.executeQuery(JOBS);
    if (rows.length > 0) await connection.executeQuery(TIDY);
    await sound.releaseConnection(connection);
  },
}));
