import { FilePath, z } from "pagurus";

export const LocalConfig = z.strictObject({
  root: FilePath.describe("directory that holds the layers; it must exist"),
});
export type LocalConfig = z.output<typeof LocalConfig>;
