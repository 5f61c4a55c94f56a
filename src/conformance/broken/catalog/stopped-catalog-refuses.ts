import type { Dialect } from "kysely";
import { overCatalog } from "./over.ts";

/** Gives its dialect before it has looked whether there is a database. */
export default overCatalog((catalog) => {
  let started = false;
  return {
    async start(options) {
      await catalog.start?.(options);
      started = true;
    },
    dialect(): Dialect {
      if (started) return catalog.dialect();
      return {
        createAdapter: () => catalog.dialect().createAdapter(),
        createDriver: () => catalog.dialect().createDriver(),
        createIntrospector: (db) => catalog.dialect().createIntrospector(db),
        createQueryCompiler: () => catalog.dialect().createQueryCompiler(),
      };
    },
  };
});
