import { z } from "pagurus";

export const LocalConfig = z.strictObject({
  root: z.string().min(1).describe("directory that holds the layers; it must exist"),
});
export type LocalConfig = z.output<typeof LocalConfig>;
