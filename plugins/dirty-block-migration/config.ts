import { z } from "pagurus";

export const DirtyBlockConfig = z.strictObject({
  thresholdBlocks: z
    .int()
    .min(1)
    .optional()
    .describe(
      "switch over below this many dirty blocks; by default what the rest of the pause budget can copy",
    ),
  stagnantRounds: z
    .int()
    .min(1)
    .default(5)
    .describe(
      "rounds in which the dirty set may fail to shrink, without a new low, before the move is not converging",
    ),
});
export type DirtyBlockConfig = z.infer<typeof DirtyBlockConfig>;
