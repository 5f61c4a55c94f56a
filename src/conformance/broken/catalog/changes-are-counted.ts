import { overQueries } from "./over.ts";

/** Tells of every statement that it has changed one row. */
export default overQueries(() => async (query, run) => {
  const { numAffectedRows, ...result } = await run(query);
  return numAffectedRows === undefined ? result : { ...result, numAffectedRows: 1n };
});
