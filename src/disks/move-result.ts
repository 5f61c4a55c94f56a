import type { RoundStats, Verification } from "../contract/index.ts";
import type { SidesUsage } from "./move-usage.ts";

/** The account of a move that has ended well. */
export interface MoveResult {
  readonly rounds: readonly RoundStats[];
  readonly bytesCopied: number;
  readonly bytesZero: number;
  /** The longest hold of the guest. */
  readonly pauseMs: number;
  /** All holds together. */
  readonly pausesMs: number;
  readonly attempts: number;
  /** What the hold was expected to take when the disk last became ready. */
  readonly predictedPauseMs: number;
  readonly verification: Verification;
  /** Null where neither store charges for anything. */
  readonly usage: SidesUsage | null;
}

/** What is answered when the target is equal and durable and the guest is held. */
export interface EqualAnswer {
  /** The account as it will be, but for the rest of this hold. */
  readonly result: MoveResult;
  /** How long the guest has been held so far. */
  readonly heldMs: number;
}
