import type { JsonObject, LayerRef, MoveBudgets, Verification } from "../contract/index.ts";
import type { ImageFile } from "../images/index.ts";
import type { EqualAnswer, MoveResult } from "./move-result.ts";
import type { Verdict } from "./switch-attempt.ts";

export interface MoveStart {
  /** A layer stamped `target` for this disk, or an image that is made for it. */
  readonly target: LayerRef | ImageFile;
  /** The target holds what an earlier move has left there: what is equal already is not copied again. */
  readonly resume?: boolean;
  readonly strategy: string;
  readonly budgets: MoveBudgets;
  readonly verify: Verification["mode"];
  /** What the owner record's transaction is expected to take, in milliseconds. */
  readonly commitMs: number;
}

/** What a move says of itself. */
export interface MoveListener {
  readonly onReady: (ready: boolean) => void;
  readonly onStunned: () => void;
  readonly onProgress: (progress: JsonObject) => void;
}

/** An open disk as the control plane sees it, wherever it lives: plain inputs, plain outputs, every call may fail with `disk-thread-lost`. */
export interface DiskHandle {
  readonly disk: string;
  /** Resolves when the guest is at the target, or was let go with `keep`; rejects with the guest at the source. One move at a time. */
  runMove(start: MoveStart, listener: MoveListener, signal: AbortSignal): Promise<MoveResult>;
  /** Resolves when the guest is held and the target is equal and durable; only then `decide` may say `swap` or `keep`. */
  requestSwitch(): Promise<EqualAnswer>;
  /** Ends the hold; answers how long it was. */
  decide(verdict: Verdict): Promise<{ readonly pauseMs: number }>;
  /** When it resolves the move of this disk, if there is one, goes by these budgets; a limit that is left out is lifted. */
  adjust(budgets: MoveBudgets): Promise<void>;
  /** Makes the active layer longer, durably; clients are told by `announceSize`, and those attached never. */
  lengthen(sizeBytes: number): Promise<void>;
  announceSize(sizeBytes: number): Promise<void>;
  /** Resolves when the active layer has answered a write and a flush. */
  confirm(maxPauseMs: number): Promise<{ readonly pauseMs: number }>;
}
