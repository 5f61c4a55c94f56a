import { FilePath, z } from "pagurus";

export const MyPluginConfig = z.strictObject({
  file: FilePath.describe("the file that reports are appended to"),
});
export type MyPluginConfig = z.output<typeof MyPluginConfig>;
