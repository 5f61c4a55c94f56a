import { FilePath, z } from "pagurus";

export const FolderStoreConfig = z.strictObject({
  root: FilePath.describe("directory that holds the layers"),
});
export type FolderStoreConfig = z.output<typeof FolderStoreConfig>;
