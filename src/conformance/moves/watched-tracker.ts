import type { BlockSet } from "../../contract/index.ts";
import { BlockBitmap } from "../../disks/block-bitmap.ts";
import { blockOf, type Run } from "../../disks/blocks.ts";
import { type ByteRange, lastBlockOf, type Tracker } from "../../disks/tracker.ts";

/** Is told of what a move's tracker is told, and what that must not be. */
interface TrackerListener {
  /** Something has changed. */
  readonly stirred: () => void;
  /** A copy of the run begins. */
  readonly begins: (run: Run) => void;
  /** More blocks were marked at a harvest than there can be, this one for one: nobody has written it since the last harvest. */
  readonly unaccounted: (block: number | undefined) => void;
}

/** What is known of each block of a move, from what its tracker is told and not from what that makes of it. */
export class WatchedTracker {
  /** How many sets of blocks were copied. */
  rounds = 0;
  readonly #tracker: Tracker;
  readonly #listener: TrackerListener;
  /** The write or zero that the source is about to be asked for. */
  #arrived: ByteRange | undefined;
  #underWay: Iterable<ByteRange> = [];
  /** Copies of these have begun and have not ended. */
  readonly #copying: BlockBitmap;
  /** What was harvested, of which no copy has begun since. */
  readonly #harvested = new Set<BlockBitmap>();
  /** How many blocks a set had that was given to a copy, before hot ones were taken out. */
  readonly #given = new WeakMap<BlockSet, number>();
  /** Written since the last harvest, or set again because they were not copied. */
  readonly #written: BlockBitmap;
  /** Set again since the last harvest because they are hot, or were set when it had ended. */
  #left = 0;

  /** Listens to the tracker from now on. */
  constructor(tracker: Tracker, listener: TrackerListener) {
    this.#tracker = tracker;
    this.#listener = listener;
    this.#copying = new BlockBitmap(tracker.blocks);
    this.#written = new BlockBitmap(tracker.blocks);
    this.#hearWrites(tracker);
    this.#hearCopies(tracker);
    this.#hearHarvests(tracker);
  }

  /** The strategy is about to have these copied. */
  gives(blocks: BlockSet): void {
    this.#given.set(blocks, blocks.count);
  }

  /** Whether the guest is about to do just this. */
  isGuests({ offset, length }: ByteRange): boolean {
    const arrived = this.#arrived;
    this.#arrived = undefined;
    return arrived?.offset === offset && arrived.length === length;
  }

  /** A block of the range that no copy has begun. */
  notCopied({ offset, length }: ByteRange): number | undefined {
    for (let block = blockOf(offset); block <= lastBlockOf(offset, length); block++)
      if (!this.#copying.has(block)) return block;
    return undefined;
  }

  /** A block whose copy has begun and has not ended. */
  get copying(): number | undefined {
    return this.#copying.next(0);
  }

  isMarked(block: number): boolean {
    return this.#tracker.dirty.has(block);
  }

  /** Whether the strategy has harvested the block and not given it to a copy since. */
  isHarvested(block: number): boolean {
    return [...this.#harvested].some((blocks) => blocks.has(block));
  }

  /** Whether the block is marked, or a write or a copy of it is under way or to come. */
  knows(block: number): boolean {
    return (
      this.isMarked(block) ||
      this.isHarvested(block) ||
      this.#isUnderWay(block) ||
      this.#isBeyondCursor(block)
    );
  }

  #isUnderWay(block: number): boolean {
    if (this.#copying.has(block)) return true;
    for (const { offset, length } of this.#underWay)
      if (blockOf(offset) <= block && block <= lastBlockOf(offset, length)) return true;
    return false;
  }

  #isBeyondCursor(block: number): boolean {
    return this.#tracker.toCopy(block, 1)?.first === block;
  }

  #hearWrites(tracker: Tracker): void {
    const [watch, arrived] = [tracker.watch.bind(tracker), tracker.arrived.bind(tracker)];
    const ended = tracker.ended.bind(tracker);
    tracker.watch = (underWay) => {
      this.#underWay = underWay;
      watch(underWay);
    };
    tracker.arrived = (offset, length) => {
      this.#arrived = { offset, length };
      arrived(offset, length);
    };
    tracker.ended = (offset, length) => {
      const first = blockOf(offset);
      this.#written.set(first, lastBlockOf(offset, length) - first + 1);
      ended(offset, length);
      this.#listener.stirred();
    };
  }

  #hearCopies(tracker: Tracker): void {
    const [begin, copies] = [tracker.begin.bind(tracker), tracker.copies.bind(tracker)];
    const [vouch, vouchHoles] = [tracker.vouch.bind(tracker), tracker.vouchHoles.bind(tracker)];
    const [failed, endSweep] = [tracker.failed.bind(tracker), tracker.endSweep.bind(tracker)];
    const ended = ({ first, count }: Run) => {
      this.#copying.clear(first, count);
      this.#listener.stirred();
    };
    tracker.begin = (run) => {
      this.#listener.begins(run);
      this.#copying.set(run.first, run.count);
      begin(run);
    };
    tracker.vouch = (run) => {
      vouch(run);
      ended(run);
    };
    tracker.vouchHoles = (run) => {
      vouchHoles(run);
      ended(run);
    };
    tracker.failed = (run) => {
      this.#written.set(run.first, run.count);
      failed(run);
      ended(run);
    };
    tracker.endSweep = () => {
      this.#written.set(tracker.cursor, tracker.blocks - tracker.cursor);
      endSweep();
    };
    tracker.copies = (blocks) => {
      if (blocks === undefined) this.#copying.take();
      else this.#copies(blocks);
      copies(blocks);
    };
  }

  #copies(blocks: BlockBitmap): void {
    this.rounds++;
    this.#left += (this.#given.get(blocks) ?? blocks.count) - blocks.count;
    this.#harvested.delete(blocks);
  }

  #hearHarvests({ dirty }: Tracker): void {
    const take = dirty.take.bind(dirty);
    dirty.take = () => {
      const taken = take();
      if (taken.count > this.#written.count + this.#left) this.#listener.unaccounted(this.#strayOf(taken));
      this.#written.take();
      this.#left = dirty.count;
      if (taken.count > 0) this.#harvested.add(taken);
      return taken;
    };
  }

  #strayOf(taken: BlockBitmap): number | undefined {
    let block = taken.next(0);
    while (block !== undefined && this.#written.has(block)) block = taken.next(block + 1);
    return block;
  }
}
