import { FilePath, z } from "pagurus";

export const MyPluginConfig = z.strictObject({
  root: FilePath.describe("directory that holds the layers"),
});
export type MyPluginConfig = z.output<typeof MyPluginConfig>;
