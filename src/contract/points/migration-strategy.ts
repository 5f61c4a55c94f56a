import type { CodedError } from "../errors.ts";
import { extensionPoint } from "../extension-point.ts";
import type { Lifecycle } from "../plugin.ts";
import type { Clock } from "../services.ts";

/** A set of blocks of one disk. */
export interface BlockSet {
  /** Number of blocks. */
  readonly count: number;
}

/** The longest pause that can be asked for, in milliseconds. */
export const LONGEST_PAUSE_MS = 60_000;

/** What a move may cost. Adjustable while it runs: read it anew at every decision. */
export interface MoveBudgets {
  /** The longest that the guest may be held, in milliseconds. */
  readonly maxPauseMs: number;
  /** The rate at which copying may read, in bytes per second; absent: unlimited. */
  readonly maxBytesPerSecond?: number;
  /** The share of the data path that copying may take while the guest is busy, in percent; the guest may lose so much. */
  readonly guestImpact: number;
  /** How many switch-overs the job may try before it is `not-converging`, whichever of its disks they fail for. */
  readonly maxAttempts: number;
  /** The move was ready and waits for its operator: a guest that writes too much meanwhile is waited for. */
  readonly patient?: boolean;
}

/** What one round did. */
export interface RoundStats {
  /** 0 is the bulk copy. */
  readonly round: number;
  readonly kind: "bulk" | "dirty" | "final";
  /** Blocks given to the round, but for the hot ones. */
  readonly blocks: number;
  /** Blocks left dirty because the guest writes them all the time. */
  readonly hotBlocks: number;
  readonly bytesCopied: number;
  readonly bytesZero: number;
  readonly durationMs: number;
  /** Blocks that the guest made dirty meanwhile. */
  readonly newDirtyBlocks: number;
}

/** How a job is known to have copied well, counted in blocks of 4 KiB. */
export interface Verification {
  /** Equality of every block was proven; a result without it can't exist. */
  readonly equal: true;
  readonly mode: "proof" | "full";
  /** Re-read from the target after the copy and equal to what was read from the source. */
  readonly readBackBlocks: number;
  /** Called holes by both stores, whose word can be taken. */
  readonly holeBlocks: number;
  /** Compared on both sides while the guest was held. */
  readonly comparedBlocks: number;
}

/**
 * One disk on its way, as a strategy sees it in the disk's thread. Every guest write since before `run` began is in
 * `harvest()`, also those that failed, and zeroes and discards. Copying checks what it wrote by reading it back.
 */
export interface DiskMove {
  readonly disk: string;
  readonly sizeBytes: number;
  readonly blockBytes: number;
  readonly budgets: MoveBudgets;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Every block of the disk. */
  all(): BlockSet;
  /** Number of blocks written since they were last copied. */
  readonly dirtyBlocks: number;
  /** Takes the dirty blocks for one round. A write still in flight is in the next harvest. */
  harvest(): BlockSet;
  /**
   * Copies the blocks, each once, clearing each one's mark before it is read. Up to `leaveHot` of those that the guest writes all the time are
   * left dirty instead, hottest first: they would be dirty again before the switch-over. Rejects when source or target fail (their blocks are dirty again),
   * on a mismatch (`block-mismatch`) and on cancel; nothing is in flight then. Refused from the end of a switch-over's
   * `finish` until the guest was released: a copy that lands later would overwrite its guest.
   */
  copy(
    blocks: BlockSet,
    kind: RoundStats["kind"],
    options?: { readonly leaveHot?: number },
  ): Promise<RoundStats>;
  /**
   * Makes durable at the target what was copied so far, so that little is left to flush while the guest is held. Copies
   * may go on beside it; what they copy meanwhile may be durable afterwards or not.
   */
  flush(): Promise<void>;
  /**
   * How many blocks could be copied and made durable within `pauseMs` of holding the guest, once draining, the target's
   * flush and the commit are paid for; as copying and flushing were measured so far. `flushed`: if what was copied so
   * far were durable already.
   */
  fittingBlocks(pauseMs: number, options?: { readonly flushed?: boolean }): number;
  /** The failure of a move that leads nowhere: it says where the move stands and what budget would have worked. */
  notConverging(): CodedError;
  /**
   * Says that the rest would fit the budget, or (after more writes) that it would no longer. Where the engine takes a request back
   * the disk is no longer ready: whoever waits to be asked says it again at each look.
   */
  announce(ready: boolean): void;
  /** Whether all disks of the job are ready and the engine asks for the switch-over. */
  readonly switchRequested: boolean;
  /** Resolves when that changes, or when `ms` have passed. */
  settle(ms: number): Promise<void>;
  /**
   * Answers the engine's request: holds the guest, runs `finish`, proves equality, makes the target durable and lets
   * the engine write the owner record. `switched`: the guest is at the target, or is left at the
   * source while the target keeps what the disk held in that moment: nothing is copied any more. `released`: it went on at the source because the budget ran out here or on another
   * disk; try again. Rejects with `not-converging` after the last attempt, and when `finish` fails, with the guest
   * already released on the source.
   */
  switchOver(finish: () => Promise<void>): Promise<"switched" | "released">;
}

/** What is known of a move before it begins. */
export interface MoveFacts {
  readonly disk: string;
  readonly sizeBytes: number;
  readonly from: string;
  readonly to: string;
}

/** Brings a disk to near-equality elsewhere, then hands over to the one switch-over. */
export interface MigrationStrategy extends Lifecycle {
  readonly id: string;
  readonly summary: string;
  /** Control plane, pure: refuses what it can't do with a coded error. Asked of each disk before a move of it begins. */
  plan(facts: MoveFacts): void;
  /** Disk plane. Resolves once `switchOver` answered `switched`. */
  run(move: DiskMove): Promise<void>;
}
export const MigrationStrategy = extensionPoint<MigrationStrategy>("migration-strategy");
