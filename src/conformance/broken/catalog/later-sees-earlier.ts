import type { QueryResult } from "kysely";
import { isWrite, overQueries } from "./over.ts";

/** Keeps the answers to what is read outside transactions until it writes itself. */
export default overQueries(() => {
  const answers = new Map<string, QueryResult<unknown>>();
  return async (query, run, inTransaction) => {
    const key = JSON.stringify([query.sql, query.parameters]);
    const known = inTransaction ? undefined : answers.get(key);
    if (known) return known;
    const result = await run(query);
    if (isWrite(query)) answers.clear();
    else if (!inTransaction) answers.set(key, result);
    return result;
  };
});
