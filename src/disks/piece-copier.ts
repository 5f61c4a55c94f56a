import type { CopySlot, Span } from "./copy-buffers.ts";
import type { Sides } from "./sides.ts";
import type { Tracker } from "./tracker.ts";

/** How one set of blocks is copied. */
export interface PieceOptions {
  /** The target holds nothing yet: what is zero need not be written. */
  readonly fresh: boolean;
  readonly copied: (bytes: number, zero: boolean) => void;
  /** Present where the target may hold the same already: it is read, and written only where it differs. Told what was equal. */
  readonly found?: (bytes: number) => void;
}

/** Below so many blocks the source isn't asked for holes: they are found as zeroes when they are read. */
const ASK_BLOCKS = 16;
const NO_HOLES: readonly Span[] = [];

/**
 * Copies one run of blocks: reads it, writes it or zeroes it, reads it back. Every step answers nothing where the
 * layers answered at once, so that a small copy costs neither a promise nor a microtask.
 */
export class PieceCopier {
  readonly #sides: Sides;
  readonly #tracker: Tracker;

  constructor(sides: Sides, tracker: Tracker) {
    this.#sides = sides;
    this.#tracker = tracker;
  }

  /**
   * Where extents can't be relied on, a hole is still to be a hole at the target: what the source calls one is zeroed
   * there, and found out by the read-back if it isn't.
   */
  copy(slot: CopySlot, options: PieceOptions): void | Promise<void> {
    this.#tracker.begin(slot);
    if (this.#sides.exact || slot.count < ASK_BLOCKS) return this.#read(slot, NO_HOLES, options);
    return this.#holes(slot).then((holes) => this.#read(slot, holes, options));
  }

  async #holes({ offset, length }: CopySlot): Promise<readonly Span[]> {
    const holes: Span[] = [];
    for await (const extent of this.#sides.sourceExtents(offset, length))
      if (extent.kind !== "data") holes.push({ from: extent.offset, to: extent.offset + extent.length });
    return holes;
  }

  #read(slot: CopySlot, holes: readonly Span[], options: PieceOptions): void | Promise<void> {
    const reading = this.#sides.readSource(slot.offset, slot.source);
    const next = options.found ? this.#compare : this.#storeAll;
    if (reading === undefined) return next(slot, holes, options);
    return reading.then(() => next(slot, holes, options));
  }

  readonly #storeAll = (
    slot: CopySlot,
    holes: readonly Span[],
    options: PieceOptions,
  ): void | Promise<void> => this.#store(slot, 0, holes, options);

  /** The witness holds as for a read-back: a block that the guest writes meanwhile is marked and copied later. */
  readonly #compare = async (
    slot: CopySlot,
    holes: readonly Span[],
    options: PieceOptions,
  ): Promise<void> => {
    await this.#sides.readTarget(slot.offset, slot.readBack);
    if (!slot.equal) return this.#store(slot, 0, holes, options);
    options.found?.(slot.length);
    this.#tracker.vouch(slot);
  };

  #store(slot: CopySlot, done: number, holes: readonly Span[], options: PieceOptions): void | Promise<void> {
    for (let from = done; from < slot.length; ) {
      const { to, zero } = slot.stretch(from, holes);
      const storing = this.#put(
        slot,
        from,
        to,
        zero && options.fresh ? "nothing" : zero ? "zeroes" : "bytes",
      );
      options.copied(to - from, zero);
      if (storing !== undefined) return storing.then(() => this.#store(slot, to, holes, options));
      from = to;
    }
    return this.#readBack(slot);
  }

  #put(slot: CopySlot, from: number, to: number, what: "nothing" | "zeroes" | "bytes"): void | Promise<void> {
    if (what === "nothing") return;
    if (what === "zeroes") return this.#sides.zeroTarget(slot.offset + from, to - from);
    const all = to - from === slot.length;
    return this.#sides.writeTarget(slot.offset + from, all ? slot.source : slot.source.subarray(from, to));
  }

  #readBack(slot: CopySlot): void | Promise<void> {
    const reading = this.#sides.readTarget(slot.offset, slot.readBack);
    if (reading === undefined) return this.#check(slot);
    return reading.then(() => this.#check(slot));
  }

  /** What the target holds now must be what was read from the source, but where the guest has written since. */
  #check(slot: CopySlot): void {
    if (!slot.equal)
      for (let block = slot.first; block < slot.first + slot.count; block++) {
        const at = slot.differsAt(block);
        if (at >= 0 && !this.#tracker.touchedSince(block)) throw this.#sides.mismatch(at);
      }
    this.#tracker.vouch(slot);
  }
}
