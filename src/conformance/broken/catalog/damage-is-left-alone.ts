import { rename } from "node:fs/promises";
import { CodedError } from "pagurus";
import { overCatalog } from "./over.ts";

/** Puts a damaged file aside, so that the next start succeeds, with an empty catalog. */
export default overCatalog((catalog) => ({
  async start(options) {
    try {
      await catalog.start?.(options);
    } catch (error) {
      if (CodedError.is(error, "catalog-damaged"))
        await rename(catalog.location, `${catalog.location}.corrupt`).catch(() => undefined);
      throw error;
    }
  },
}));
