import { z } from "pagurus";

export const SqliteCatalogConfig = z.strictObject({
  path: z
    .string()
    .min(1)
    .default("catalog.db")
    .describe("the database file, in a directory that exists; relative to the server's data directory"),
});
