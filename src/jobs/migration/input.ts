import { DiskName, LONGEST_PAUSE_MS, StoreUsage, z } from "../../contract/index.ts";

/** How disks are copied unless told otherwise. */
export const USUAL_STRATEGY = "dirty-block";

/** What copying may cost a busy guest unless told otherwise, in percent; decision 15. */
export const USUAL_GUEST_IMPACT = 45;

/** What may change while a move is under way: what it may cost, and who switches it over. */
export const terms = {
  maxPauseMs: z.int().min(1).max(LONGEST_PAUSE_MS).describe("the longest that a guest may be held"),
  guestImpact: z
    .int()
    .min(1)
    .max(100)
    .describe("percent of the data path that copying may cost the guest while it is busy"),
  maxBytesPerSecond: z.int().min(4096).describe("the rate at which copying may read"),
  maxAttempts: z.int().min(1).max(100).describe("switch-overs to try before giving up"),
  switchOver: z
    .enum(["auto", "manual"])
    .describe("`manual`: once ready, keep the target nearly equal and wait for `migrations switch`"),
};

/** What a move is asked for with. */
export const MigrationInput = z.strictObject({
  disks: z.array(DiskName).min(1).max(64).describe("disks to move; all of them switch over in one step"),
  to: z.string().min(1).describe("datastore to move to"),
  strategy: z.string().default(USUAL_STRATEGY).describe("how the disks are copied"),
  maxPauseMs: terms.maxPauseMs.default(300),
  guestImpact: terms.guestImpact.default(USUAL_GUEST_IMPACT),
  maxBytesPerSecond: terms.maxBytesPerSecond.optional(),
  maxAttempts: terms.maxAttempts.default(5),
  switchOver: terms.switchOver.default("auto"),
  keepSource: z.boolean().default(false).describe("leave the former layers where they are"),
  verify: z
    .enum(["proof", "full"])
    .default("proof")
    .describe("`full` also compares every block while the guest is held"),
});
export type MigrationInput = z.output<typeof MigrationInput>;

/** Changes of a move under way; what is left out stays. */
export const Adjustment = z.strictObject({
  maxPauseMs: terms.maxPauseMs.optional(),
  guestImpact: terms.guestImpact.optional(),
  maxBytesPerSecond: terms.maxBytesPerSecond
    .nullable()
    .describe("the rate at which copying may read; null lifts a limit")
    .optional(),
  maxAttempts: terms.maxAttempts.optional(),
  switchOver: terms.switchOver.optional(),
});
export type Adjustment = z.output<typeof Adjustment>;

/** The move's input as it is in force after the changes. */
export function adjusted(input: MigrationInput, changes: Adjustment): MigrationInput {
  const { maxBytesPerSecond = input.maxBytesPerSecond, ...others } = changes;
  const { maxBytesPerSecond: _, ...kept } = input;
  const given = Object.entries(others).filter(([, value]) => value !== undefined);
  return {
    ...kept,
    ...Object.fromEntries(given),
    ...(typeof maxBytesPerSecond === "number" && { maxBytesPerSecond }),
  };
}

/** What the disks of a move go by. */
export const budgetsOf = ({
  maxPauseMs,
  guestImpact,
  maxBytesPerSecond,
  maxAttempts,
}: Pick<MigrationInput, "maxPauseMs" | "guestImpact" | "maxBytesPerSecond" | "maxAttempts">) => ({
  ...{ maxPauseMs, guestImpact, maxAttempts },
  ...(maxBytesPerSecond !== undefined && { maxBytesPerSecond }),
});

const Round = z.object({
  round: z.number(),
  kind: z.enum(["bulk", "dirty", "final"]),
  blocks: z.number(),
  hotBlocks: z.number().describe("blocks left for the last round because the guest wrote them all the time"),
  bytesCopied: z.number(),
  bytesZero: z.number(),
  durationMs: z.number(),
  newDirtyBlocks: z.number(),
});
export const VerificationResult = z.object({
  equal: z.literal(true),
  mode: z.enum(["proof", "full"]),
  readBackBlocks: z
    .number()
    .describe("blocks of 4 KiB re-read from the target after they were copied, and equal"),
  holeBlocks: z
    .number()
    .describe("blocks called holes by both datastores, whose word can be taken, and not read"),
  comparedBlocks: z.number().describe("blocks compared on both sides while the guest was held"),
});
/** What a job cost at the stores that charge for it. */
export const SidesUsageResult = z
  .object({ source: StoreUsage.nullable(), target: StoreUsage.nullable() })
  .nullable()
  .describe(
    "what was asked of both stores while the disk was copied, its guest's reads and writes included; null: it charges for nothing",
  );
const LayerName = z.object({ datastore: z.string(), layer: z.string() });

/** What a move that has ended well answers. */
export const MigrationOutput = z.object({
  rounds: z.number().describe("rounds of copying, the bulk copy and the last one under the stun included"),
  bytesCopied: z.number(),
  bytesZero: z.number().describe("bytes found to be zero and not stored"),
  pauseMs: z.number().describe("the longest that a guest was held"),
  maxPauseMs: z.number().describe("the budget for that, as it was in force at the switch-over"),
  pauseBudgetExceeded: z
    .boolean()
    .describe("whether a guest was held longer than it was allowed at the time"),
  predictedPauseMs: z.number().describe("what was expected of the last hold when the disks became ready"),
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
      predictedPauseMs: z.number(),
      rounds: z.array(Round),
      verification: VerificationResult,
      usage: SidesUsageResult,
    }),
  ),
  warnings: z
    .array(z.string())
    .describe("what did not go as it should: a pause over its budget, what could not be cleaned up"),
});
export type MigrationOutput = z.output<typeof MigrationOutput>;
