import { overCatalog } from "./over.ts";

/** Lets the database's own failure through, which no program can tell from any other. */
export default overCatalog((catalog) => ({
  async start(options) {
    try {
      await catalog.start?.(options);
    } catch (error) {
      throw String(error).includes("damaged") ? new Error("database disk image is malformed") : error;
    }
  },
}));
