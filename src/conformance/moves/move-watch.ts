import type { DiskMove, Layer, MigrationStrategy } from "../../contract/index.ts";
import { BLOCK_BYTES, blockCount, blockOf } from "../../disks/blocks.ts";
import type { Disk } from "../../disks/index.ts";
import type { ByteRange } from "../../disks/tracker.ts";
import { WatchedLayer } from "./watched-layer.ts";
import { WatchedTracker } from "./watched-tracker.ts";

/** A layer in memory, which can be looked into without being asked. */
export interface VisibleLayer extends Layer {
  readonly bytes: Uint8Array;
}

interface MoveWatchOptions {
  readonly disk: Disk;
  readonly source: VisibleLayer;
  readonly target: VisibleLayer;
  /** A block of which I-M2 is not expected: its marks are lost on purpose. */
  readonly excused?: number | undefined;
}

/**
 * Watches what must hold of a move at any time, I-M1 to I-M6, whoever breaks it: by what its layers and its tracker are
 * asked for, and by the bytes of both sides. Made before the move begins. Never stands in its way: what is broken is
 * said to whoever looks.
 */
export class MoveWatch {
  readonly #options: MoveWatchOptions;
  readonly #blocks: number;
  readonly #source: Buffer;
  readonly #target: Buffer;
  readonly #written: WatchedLayer;
  #tracker: WatchedTracker | undefined;
  #phase: "idle" | "moving" | "switched" = "idle";
  /** Whether anything has happened since somebody looked. */
  #stirred = false;
  #broken: string | undefined;

  constructor(options: MoveWatchOptions) {
    this.#options = options;
    const { disk, source, target } = options;
    this.#blocks = blockCount(disk.sizeBytes);
    this.#source = viewOf(source);
    this.#target = viewOf(target);
    const grown = () => this.#say("I-M4: the move made a layer longer than it was");
    new WatchedLayer(source, { changing: (range) => this.#changesSource(range), grown });
    this.#written = new WatchedLayer(target, { changing: (range) => this.#changesTarget(range), grown });
    this.#hear(disk);
  }

  /** The strategy as it is, but that it is heard when it has blocks copied, and when a last round of it has ended. */
  over(strategy: MigrationStrategy): MigrationStrategy {
    return {
      id: strategy.id,
      summary: strategy.summary,
      plan: (facts) => strategy.plan(facts),
      run: (move) => strategy.run(this.#overMove(move)),
    };
  }

  /** Which of the invariants is broken, in words: the first one that was. May be asked at any time. */
  look(): string | undefined {
    if (this.#phase === "moving" && this.#stirred && this.#broken === undefined) this.#lookAtBlocks();
    this.#stirred = false;
    return this.#broken;
  }

  #hear(disk: Disk): void {
    const [track, untrack] = [disk.track.bind(disk), disk.untrack.bind(disk)];
    const swap = disk.swap.bind(disk);
    disk.track = (tracker) => {
      this.#phase = "moving";
      this.#tracker = new WatchedTracker(tracker, {
        stirred: () => {
          this.#stirred = true;
        },
        begins: ({ first }) => this.#copies(first),
        unaccounted: (block) =>
          this.#say(
            `I-M5: block ${block} is marked at a harvest, and nobody has written it since the last one`,
          ),
      });
      track(tracker);
    };
    disk.untrack = (tracker) => {
      if (this.#phase === "moving") this.#phase = "idle";
      untrack(tracker);
    };
    disk.swap = (layer) => {
      this.#switches();
      this.#phase = "switched";
      return swap(layer);
    };
  }

  #overMove(move: DiskMove): DiskMove {
    const heard: Partial<DiskMove> = {
      copy: (blocks, ...how) => {
        this.#tracker?.gives(blocks);
        return move.copy(blocks, ...how);
      },
      switchOver: (finish) =>
        move.switchOver(async () => {
          await finish();
          this.#finished();
        }),
    };
    return new Proxy(move, {
      get(target, name) {
        const holder = Object.hasOwn(heard, name) ? heard : target;
        const value: unknown = Reflect.get(holder, name, holder);
        return typeof value === "function" ? value.bind(holder) : value;
      },
    });
  }

  /** I-M2, for every block with no write and no copy in flight. */
  #lookAtBlocks(): void {
    const tracker = this.#tracker;
    for (const block of this.#differing())
      if (block !== this.#options.excused && !tracker?.knows(block)) {
        const unknown = "it is not marked, and no copy of it is under way or to come";
        this.#say(`I-M2: source and target differ in block ${block}; ${unknown}`);
        return;
      }
  }

  /** The last round has ended, and nothing may be copied any more: I-M1, and I-M2 for what was only harvested. */
  #finished(): void {
    const tracker = this.#tracker;
    if (!this.#options.disk.gate.stunned) return;
    for (const block of this.#differing()) {
      if (tracker?.isMarked(block))
        this.#say(
          `I-M1: block ${block} was written, and the last round has left it: source and target differ`,
        );
      else if (tracker?.isHarvested(block))
        this.#say(`I-M2: block ${block} was harvested and never copied: source and target differ`);
      else continue;
      return;
    }
  }

  /** The guest is about to be at the target: I-M1, I-M3 and I-M6. */
  #switches(): void {
    for (const block of this.#differing()) {
      this.#say(`I-M1: the owner changes, and source and target differ in block ${block}`);
      break;
    }
    const copying = this.#tracker?.copying;
    if (copying !== undefined)
      this.#say(`I-M3: the owner changes, and block ${copying} is still being copied`);
    const { unflushed } = this.#written;
    if (unflushed !== undefined)
      this.#say(`I-M6: the owner changes, and block ${unflushed} is not durable at the target`);
  }

  #changesSource(range: ByteRange): void {
    this.#demandRoom(range, "source");
    const block = blockOf(range.offset);
    if (this.#phase === "switched")
      this.#say(`I-M3: the guest is at the target, and block ${block} of the source is written`);
    if (this.#phase === "moving" && !this.#tracker?.isGuests(range))
      this.#say(`I-M4: the move itself writes to the source, to block ${block}`);
  }

  #changesTarget(range: ByteRange): void {
    this.#demandRoom(range, "target");
    if (this.#phase !== "moving") return;
    const block = this.#tracker?.notCopied(range);
    if (block !== undefined)
      this.#say(`I-M3: the guest is at the source, and block ${block} of the target is written by no copy`);
  }

  #copies(block: number): void {
    if (this.#phase === "switched")
      this.#say(`I-M3: the guest is at the target, and block ${block} is copied there`);
  }

  #demandRoom({ offset, length }: ByteRange, side: string): void {
    const end = offset + length;
    const { sizeBytes } = this.#options.disk;
    if (end > sizeBytes)
      this.#say(`I-M4: the ${side} is to hold ${end} bytes, and its disk has ${sizeBytes}`);
  }

  *#differing(): Generator<number> {
    const [source, target] = [this.#source, this.#target];
    if (source.equals(target)) return;
    for (let block = 0; block < this.#blocks; block++) {
      const [from, to] = [block * BLOCK_BYTES, Math.min((block + 1) * BLOCK_BYTES, source.length)];
      if (source.compare(target, from, to, from, to) !== 0) yield block;
    }
  }

  #say(words: string): void {
    const rounds = this.#tracker?.rounds ?? 0;
    this.#broken ??= `${words} (${rounds === 0 ? "before the first copy" : `in round ${rounds - 1} or after it`})`;
  }
}

const viewOf = ({ bytes }: VisibleLayer): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
