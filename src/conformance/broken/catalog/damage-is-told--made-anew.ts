import { existsSync, statSync } from "node:fs";
import { rm } from "node:fs/promises";
import { overCatalog } from "./over.ts";

/** Takes an empty file for a catalog that nobody has made yet. */
export default overCatalog((catalog) => ({
  async start(options) {
    const { location } = catalog;
    if (existsSync(location) && statSync(location).size === 0) await rm(location);
    await catalog.start?.(options);
  },
}));
