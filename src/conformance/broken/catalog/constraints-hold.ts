import { overQueries } from "./over.ts";

/** Makes its tables without what they refer to, as databases do that know no foreign keys. */
export default overQueries(
  () => (query, run) => run({ ...query, sql: query.sql.replace(/ references "\w+" \("\w+"\)/g, "") }),
);
