import { z } from "pagurus";

export const MemoryConfig = z.strictObject({
  asynchronous: z
    .boolean()
    .default(false)
    .describe("every operation answers a promise and takes effect only as that settles"),
});
export type MemoryConfig = z.output<typeof MemoryConfig>;
