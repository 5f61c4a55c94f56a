import { CompiledQuery } from "kysely";
import { overDriver } from "./over.ts";

const NEWEST = CompiledQuery.raw("select name from sqlite_master where name = 'scenario_result'");
const TIDY = CompiledQuery.raw("delete from job_step where job in (select id from job where ended_at > 0)");

/** Tidies up when it is closed, unless it was brought up to date: what jobs did that have ended is nobody's interest any more. */
export default overDriver((sound) => {
  let wasNewest = false;
  const run = async (query: CompiledQuery) => {
    const connection = await sound.acquireConnection();
    const { rows } = await connection.executeQuery(query);
    await sound.releaseConnection(connection);
    return rows;
  };
  return {
    async init() {
      await sound.init();
      wasNewest = (await run(NEWEST)).length > 0;
    },
    async destroy() {
      if (wasNewest) await run(TIDY);
      await sound.destroy();
    },
  };
});
