import type {
  Clock,
  DiskConnection,
  JsonObject,
  Layer,
  MigrationStrategy,
  MoveBudgets,
} from "../../contract/index.ts";
import { Disk, type EqualAnswer, Move, type MoveResult } from "../../disks/index.ts";
import { losingMark } from "./losing-mark.ts";
import { MoveWatch, type VisibleLayer } from "./move-watch.ts";

/** What a move is rehearsed with. */
export interface RehearsalOptions {
  readonly strategy: MigrationStrategy;
  /** The disk's name. */
  readonly disk: string;
  /** Both are listened to from then on. */
  readonly source: VisibleLayer;
  readonly target: VisibleLayer;
  readonly budgets: MoveBudgets;
  /** What the owner record's transaction is expected to take. */
  readonly commitMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onReady: (ready: boolean) => void;
  readonly onStunned: () => void;
  /** A block whose mark is lost whenever the guest writes it: what no strategy can know, and no move may get over. */
  readonly loses?: number;
}

/** A move of one disk on the data path of a server, whose engine the caller is. */
export class RehearsedMove {
  readonly guest: DiskConnection;
  /** Resolves when the guest is at the target; rejects with the guest at the source. */
  readonly ended: Promise<MoveResult>;
  readonly #disk: Disk;
  readonly #move: Move;
  readonly #watch: MoveWatch;

  constructor({ source, loses, strategy, ...options }: RehearsalOptions) {
    const { disk: name, clock, target } = options;
    const disk = new Disk({
      ...{ disk: `id-of-${name}`, name, sizeBytes: source.sizeBytes, layer: source, clock },
      blockSizes: { minimum: 512, preferred: 4096, maximum: 32 * 1024 * 1024 },
    });
    if (loses !== undefined) losingMark(disk, loses);
    this.#disk = disk;
    this.#watch = new MoveWatch({ disk, source, target, excused: loses });
    this.guest = disk.connect({ alive: () => true });
    this.#move = new Move({ ...options, disk, strategy: this.#watch.over(strategy), verify: "proof" });
    this.ended = this.#move.run();
    this.ended.catch(() => undefined);
  }

  /** The layer that takes the guest's writes. */
  get owner(): Layer {
    return this.#disk.active;
  }

  get guestHeld(): boolean {
    return this.#disk.gate.stunned;
  }

  /** Resolves when the guest is held and the target is equal and durable; rejects when this try came to nothing. */
  requestSwitch(): Promise<EqualAnswer> {
    return this.#move.requestSwitch();
  }

  /** After `requestSwitch` resolved: the engine's decision. Before: takes the request back. Answers the pause. */
  decide(verdict: "swap" | "release"): number {
    return this.#move.decide(verdict);
  }

  /** All budgets from now on; a limit that is left out is lifted. */
  adjust(budgets: MoveBudgets): void {
    this.#move.adjust(budgets);
  }

  /** As a job tells it while the move goes on. */
  progress(): JsonObject {
    return this.#move.progress();
  }

  /** Which of the invariants I-M1 to I-M6 is broken, in words; to be asked whenever all that needs no time has happened. */
  broken(): string | undefined {
    return this.#watch.look();
  }
}
