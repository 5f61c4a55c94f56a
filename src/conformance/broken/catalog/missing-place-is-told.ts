import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { overCatalog } from "./over.ts";

/** Makes the folder that it is to live in. */
export default overCatalog((catalog) => ({
  async start(options) {
    await mkdir(dirname(catalog.location), { recursive: true });
    await catalog.start?.(options);
  },
}));
