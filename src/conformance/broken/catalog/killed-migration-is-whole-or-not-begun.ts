import { CompiledQuery } from "kysely";
import { changesTables, overQueries } from "./over.ts";

const COMMIT = CompiledQuery.raw("commit");
const BEGIN = CompiledQuery.raw("begin");

/** Commits before and after whatever makes a table, as some databases do. */
export default overQueries(() => async (query, run, inTransaction) => {
  if (!inTransaction || !changesTables(query)) return run(query);
  await run(COMMIT);
  const result = await run(query);
  await run(BEGIN);
  return result;
});
