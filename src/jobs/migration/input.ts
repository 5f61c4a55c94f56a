import { DiskName, z } from "../../contract/index.ts";

/** What a move is asked for with. */
export const MigrationInput = z.strictObject({
  disks: z.array(DiskName).min(1).max(64).describe("disks to move; all of them switch over in one step"),
  to: z.string().min(1).describe("datastore to move to"),
  strategy: z.string().default("dirty-block").describe("how the disks are copied"),
  maxPauseMs: z.int().min(1).max(60_000).default(300).describe("the longest that a guest may be held"),
  guestImpact: z
    .int()
    .min(1)
    .max(100)
    .default(30)
    .describe("percent of the data path that copying may take while the guest is busy"),
  maxBytesPerSecond: z.int().min(4096).optional().describe("the rate at which copying may read"),
  maxAttempts: z.int().min(1).max(100).default(5).describe("switch-overs to try before giving up"),
  keepSource: z.boolean().default(false).describe("leave the former layers where they are"),
  verify: z
    .enum(["proof", "full"])
    .default("proof")
    .describe("`full` also compares every block while the guest is held"),
});
export type MigrationInput = z.output<typeof MigrationInput>;

const Round = z.object({
  round: z.number(),
  kind: z.enum(["bulk", "dirty", "final"]),
  blocks: z.number(),
  bytesCopied: z.number(),
  bytesZero: z.number(),
  durationMs: z.number(),
  newDirtyBlocks: z.number(),
});
const VerificationResult = z.object({
  equal: z.literal(true),
  mode: z.enum(["proof", "full"]),
  readBackBlocks: z
    .number()
    .describe("blocks of 4 KiB re-read from the target after they were copied, and equal"),
  comparedBlocks: z.number().describe("blocks compared on both sides while the guest was held"),
});
const LayerName = z.object({ datastore: z.string(), layer: z.string() });

/** What a move that has ended well answers. */
export const MigrationOutput = z.object({
  rounds: z.number().describe("rounds of copying, the bulk copy and the last one under the stun included"),
  bytesCopied: z.number(),
  bytesZero: z.number().describe("bytes found to be zero and not stored"),
  pauseMs: z.number().describe("the longest that a guest was held"),
  pausesMs: z.number().describe("all holds together"),
  attempts: z.number(),
  verification: VerificationResult,
  moves: z.array(
    z.object({
      disk: z.string(),
      from: LayerName,
      to: LayerName,
      epochBefore: z.number(),
      epochAfter: z.number(),
      pauseMs: z.number(),
      rounds: z.array(Round),
      verification: VerificationResult,
    }),
  ),
  warnings: z
    .array(z.string())
    .describe("what could not be cleaned up; it is tried again when the server starts"),
});
export type MigrationOutput = z.output<typeof MigrationOutput>;
