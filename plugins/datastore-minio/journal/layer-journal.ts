import { hostname } from "node:os";
import { type Clock, CodedError, type LayerRef, type LayerUsage, type Stamp } from "pagurus";
import type { LayerRecords } from "../layer-record.ts";
import type { OpenSegment } from "../open-segment.ts";
import type { JournalHome, MadeJournal } from "./home.ts";
import { isFull, SegmentJournal } from "./segment-journal.ts";
import { JournalSlots } from "./slots.ts";

/** How often it is looked whether the store has stopped answering while a journal is emptied. */
const LOOK_MS = 1000;

/** What may be lost with this host, and only then. */
export interface LossWindow {
  readonly maxLossBytes: number;
  readonly maxLossSeconds: number;
}

export interface LayerJournalOptions {
  readonly home: JournalHome;
  readonly records: LayerRecords;
  readonly clock: Clock;
  readonly loss: LossWindow;
  readonly ref: LayerRef;
  readonly log: string;
  /** The writer's. */
  readonly nonce: string;
  readonly stamp: Stamp;
  readonly segmentBytes: number;
  /** Resolves once the bucket has everything that was written before the call. */
  readonly reachBucket: () => Promise<void>;
  /** Whether the store has stopped answering. */
  readonly storeIsSilent: () => boolean;
}

/** The journal of one open layer: says when a flush may be answered, and when writes must wait for the bucket. */
export class LayerJournal {
  readonly #options: LayerJournalOptions;
  readonly #segments: SegmentJournal;
  #local: boolean;
  #begun: Promise<void> | undefined;
  #made: MadeJournal | undefined;
  #slots: JournalSlots | undefined;
  #overdue = false;
  #cancelLook: (() => void) | undefined;

  constructor(options: LayerJournalOptions) {
    const { log, nonce, clock, stamp } = options;
    this.#options = options;
    this.#segments = new SegmentJournal(log, nonce, () => clock.monotonicMs());
    this.#local = isLocal(stamp);
  }

  /** False while flushed bytes have been missing in the bucket for longer than they may. */
  get mayWrite(): boolean {
    return !this.#overdue;
  }

  /** What would be lost with this host now, and how much that may be. */
  get lossWindow(): NonNullable<LayerUsage["lossWindow"]> {
    const { clock, loss } = this.#options;
    const { heldBytes: bytes, heldSinceMs } = this.#segments;
    const since = heldSinceMs && new Date(clock.now() - (clock.monotonicMs() - heldSinceMs)).toISOString();
    return {
      bytes,
      ...(since && { since }),
      maxBytes: loss.maxLossBytes,
      maxSeconds: loss.maxLossSeconds,
    };
  }

  /** A segment begins. */
  readonly began = (segment: OpenSegment): void => this.#segments.begun(segment);

  /** The bucket has everything through that number. */
  confirmed(through: number): void {
    this.#segments.confirmed(through);
    if (this.#overdue) this.#look();
  }

  /** While a move fills it a layer's flush is the bucket's: what is committed then must not hang on this host. */
  stamped(stamp: Stamp): void {
    this.#local = isLocal(stamp);
  }

  /** Everything that was written before the call is durable: here, or in the bucket. */
  async flush(): Promise<void> {
    if (!this.#local) return this.#options.reachBucket();
    try {
      this.#begun ??= this.#begin();
      await this.#begun;
      await this.#segments.flush();
    } catch (error) {
      if (!isFull(error)) throw error;
      const { datastore } = this.#options.ref;
      throw new CodedError(
        "no-space",
        { datastore, availableBytes: 0, neededBytes: this.#options.segmentBytes },
        { cause: error },
      );
    }
    if (this.#cancelLook === undefined) this.#look();
  }

  /**
   * Brings everything to the bucket, and has the layer need this journal no more. Where the store doesn't answer the
   * next opening does that.
   */
  async close(): Promise<void> {
    await this.#segments.idle();
    this.#cancelLook?.();
    const emptied = await this.#unlessSilent(() => this.#empty());
    await this.#slots?.close();
    await this.#made?.directory.close();
    const { home, log, nonce } = this.#options;
    if (emptied && this.#made !== undefined) await home.remove(log, nonce).catch(() => undefined);
  }

  async #begin(): Promise<void> {
    try {
      const { home, records, clock, loss, ref, log, nonce, segmentBytes } = this.#options;
      this.#made ??= await home.make(log, nonce);
      const { id, directory } = this.#made;
      this.#slots ??= new JournalSlots(directory, slotBytesOf(segmentBytes));
      const slots = this.#slots;
      slots.release(await slots.take());
      const journal = { id, nonce, since: clock.now(), host: hostname(), path: home.path, ...loss };
      const mine = await records.change(
        ref.layer,
        { journal },
        (found) => found.log === log && (found.journal === undefined || found.journal.nonce === nonce),
      );
      if (!mine) throw new CodedError("layer-in-use", { ...ref, holder: "another server has taken it over" });
      this.#segments.begin(slots);
    } catch (error) {
      this.#begun = undefined;
      throw error;
    }
  }

  async #empty(): Promise<boolean> {
    const { reachBucket, records, ref, nonce } = this.#options;
    try {
      await reachBucket();
      if (this.#made === undefined) return true;
      return await records.change(
        ref.layer,
        { journal: undefined },
        ({ journal }) => journal?.nonce === nonce,
      );
    } catch {
      return false;
    }
  }

  /** False where it was given up because the store doesn't answer. */
  #unlessSilent(act: () => Promise<boolean>): Promise<boolean> {
    const { clock, storeIsSilent } = this.#options;
    return new Promise((resolve) => {
      let cancel = () => {};
      const look = () => {
        if (storeIsSilent()) resolve(false);
        else cancel = clock.after(LOOK_MS, look);
      };
      look();
      void act().then((done) => {
        cancel();
        resolve(done);
      });
    });
  }

  #look(): void {
    const { clock, loss } = this.#options;
    this.#cancelLook?.();
    this.#cancelLook = undefined;
    const since = this.#segments.heldSinceMs;
    const leftMs = since === undefined ? undefined : since + loss.maxLossSeconds * 1000 - clock.monotonicMs();
    this.#overdue = leftMs !== undefined && leftMs <= 0;
    if (leftMs !== undefined && leftMs > 0) this.#cancelLook = clock.after(leftMs, () => this.#look());
  }
}

const isLocal = ({ state }: Stamp): boolean => state === "owner";

/** What the cells of a segment take, and some more for what is written down with them. */
const slotBytesOf = (segmentBytes: number): number => segmentBytes + segmentBytes / 8;
